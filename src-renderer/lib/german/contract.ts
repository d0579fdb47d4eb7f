// What the contract says (src-main/contract): devices, inputs, options, sweeps and tables, in German. See translator.ts for the holes.
import type { Rows } from './translator.ts'

export const contract: Rows = {
  'Each panel stands in one place.': 'Jedes Feld steht an einem Platz.',
  'nested more than {0} deep': 'tiefer als {0} Ebenen geschachtelt',
  'from must lie before to, with a step for each column': '„from“ muss vor „to“ liegen, mit einem Schritt je Spalte',
  '{0} has the wrong size': '{0} hat die falsche Größe',
  'too many cells': 'zu viele Zellen',
  'the counts of {0} do not fit each other (at {1})': 'die Anzahlen von {0} passen nicht zueinander (bei {1})',
  'the column {0} of {1} holds a number that it cannot hold (at {2})':
    'die Spalte {0} von {1} enthält eine unmögliche Zahl (bei {2})',
  'the loss {0} of {1} holds a number that is none (at {2})':
    'der Verlust {0} von {1} enthält etwas, das keine Zahl ist (bei {2})',
  'the column {0} of {1} is not {2} values': 'die Spalte {0} von {1} hat nicht {2} Werte',
  'the steps of {0} do not rise (at {1})': 'die Schritte von {0} steigen nicht an (bei {1})',
  'not bytes, or more than 3 MiB of them': 'keine Bytes oder mehr als 3 MiB',
  'The frame has {0} bytes, and {1} x {2} pixels have {3}': 'Das Bild hat {0} Byte, und {1} × {2} Pixel haben {3}',
  'is no plain relative path': 'ist kein einfacher relativer Pfad',
  'may not hold slashes or control characters': 'darf keine Schrägstriche oder Steuerzeichen enthalten',

  // comparing
  '{0}{1}, {2} x {3}, mean {4}': '{0}{1}, {2} × {3}, Mittelwert {4}',
  'Not comparable: these runs saw other images': 'Nicht vergleichbar: Diese Läufe haben verschiedene Bilder gesehen',
  'Not comparable: these runs had other models': 'Nicht vergleichbar: Diese Läufe hatten verschiedene Modelle',
  'Not comparable: these runs had other streams': 'Nicht vergleichbar: Diese Läufe hatten verschiedene Datenströme',
  'Not complete, so their means are over fewer domains': 'Unvollständig, daher gehen ihre Mittel über weniger Domänen',
  'Computed on other machines or versions, so they may differ by rounding':
    'Auf verschiedenen Rechnern oder Versionen berechnet, daher können sie sich durch Rundung unterscheiden',
  'runs {0}': 'Läufe {0}',

  // devices
  '{0} gives no such numbers': '{0} liefert solche Zahlen nicht',
  '{0} fails ({1})': '{0} schlägt fehl ({1})',
  '{0} by {1}, where {2} is allowed': '{0} um {1}, erlaubt sind {2}',
  '{0}, and {1} more': '{0~} und {1} weitere',
  '{0} in software with TF32': '{0~} in Software mit TF32',
  '{0} in software': '{0~} in Software',
  '{0} with TF32': '{0~} mit TF32',
  '(off by {0} in the proof)': '(in der Probe um {0} daneben)',
  '(driver {0})': '(Treiber {0!})',
  '{0} in software{1}{2}, {3}, TF32{4}': '{0~} in Software{1}{2}, {3!}, TF32{4}',
  '{0} in software{1}{2}, {3}': '{0~} in Software{1}{2}, {3!}',
  '{0}{1}{2}, {3}, TF32{4}': '{0}{1}{2}, {3}, TF32{4}',
  'the processor': 'der Prozessor',
  processor: 'Prozessor',
  'an NVIDIA GPU (CUDA)': 'eine NVIDIA-Grafikkarte (CUDA)',
  'a GPU through WebGPU': 'eine Grafikkarte über WebGPU',

  // errors of the system
  'the data folder': 'der Datenordner',
  'The disk is full (writing {0}). Free some space, then resume the run: what was recorded is kept.':
    'Die Platte ist voll (beim Schreiben von {0}). Bitte Platz schaffen und den Lauf dann fortsetzen: Was aufgezeichnet ist, bleibt.',
  'No permission to open {0}.': 'Keine Erlaubnis, {0} zu öffnen.',
  '{0} does not exist.': '{0} gibt es nicht.',

  // inputs and models
  'This version of the program does not know the input kind “{0}”. A newer version may.':
    'Diese Version des Programms kennt die Eingabeart „{0}“ nicht. Eine neuere vielleicht.',
  'EuroSAT sample': 'EuroSAT-Beispiel',
  'folders by class': 'Ordner je Klasse',
  'images without labels': 'Bilder ohne Labels',
  'an ImageNet-C tree (corrupted already)': 'ein ImageNet-C-Baum (schon gestört)',
  'CIFAR-C arrays (corrupted already)': 'CIFAR-C-Arrays (schon gestört)',
  'an array of images': 'ein Array von Bildern',
  'a list': 'eine Liste',
  'ImageNet-1k classifier for photographs and the webcam; 4.7 million parameters, 224 x 224.':
    'Klassifikator für Fotos und die Webcam (ImageNet-1k); 4,7 Millionen Parameter, 224 × 224.',
  'as you said': 'wie angegeben',
  'as the file says': 'wie es die Datei sagt',
  'the network normalises by itself': 'das Netz normalisiert selbst',
  'as its family was trained: a guess': 'wie Netze seiner Art trainiert wurden: geraten',
  'assumed, because nothing in the file tells it: give --mean and --std if it is another':
    'angenommen, weil nichts in der Datei es sagt: bitte --mean und --std angeben, wenn es anders ist',

  // options
  'Samples with an entropy (nats) below this count; null = {0}.':
    'Es zählen Bilder mit einer Entropie (Nats) darunter; null = {0}.',
  'Adam, or SGD with momentum.': 'Adam oder SGD mit Momentum.',
  'Nesterov’s form of the momentum (SGD only).': 'Momentum in der Form von Nesterov (nur SGD).',
  'Largest cosine of a sample’s probabilities with the average of those used before.':
    'Größter Kosinus zwischen den Wahrscheinlichkeiten eines Bildes und dem Mittel der bisher benutzten.',
  'Temperature of the contrastive loss.': 'Temperatur des kontrastiven Verlusts.',
  'Width of the projector.': 'Breite des Projektors.',
  'Weight of the contrastive loss.': 'Gewicht des kontrastiven Verlusts.',
  'Share of the teacher that stays in each step.': 'Anteil des Lehrers, der in jedem Schritt bleibt.',
  'Step size of the optimizer.': 'Schrittweite des Optimierers.',
  'Momentum of SGD.': 'Momentum von SGD.',
  '“{0}” of {1} cannot change during a run; these can: {2}.':
    '„{0}“ von {1} lässt sich während eines Laufs nicht ändern; diese schon: {2}.',
  '“{0}” of {1} cannot change during a run; nothing of it can.':
    '„{0}“ von {1} lässt sich während eines Laufs nicht ändern, auch sonst nichts von {1}.',
  '{0} cannot be {1}: {2}.': '{0} kann nicht {1} sein: {2~}.',
  '{0} cannot be {1}: it is out of bounds.': '{0} kann nicht {1} sein: Der Wert liegt außerhalb der Grenzen.',
  'This run has no lane “{0}”; it has {1}.': 'Dieser Lauf hat keine Methode „{0}“; er hat {1}.',

  // presets
  'Maharana, Zhang, Guo (AAAI 2025), implementation details, and the published code':
    'Maharana, Zhang, Guo (AAAI 2025), „Implementation details“ und der veröffentlichte Code',
  'Bundled sample (EuroSAT)': 'Mitgeliefertes Beispiel (EuroSAT)',
  'npm run search:preset': 'npm run search:preset',
  'Cautious (small kappa)': 'Vorsichtig (kleines Kappa)',
  'a tenth of the CIFAR-10-C preset’s kappa': 'ein Zehntel des Kappa der Voreinstellung für CIFAR-10-C',
  'Auto (ours, unknown model)': 'Auto (von uns, unbekanntes Modell)',

  'It tunes itself (ours): norm layers always move, a convolution as far as the last batches agree on where to, and all are drawn back to the source a little. An image and its mirror image answer together, and norm layers remember where batches are small or ordered by class.':
    'Stellt sich selbst ein (von uns): Norm-Schichten bewegen sich immer, eine Faltung so weit, wie die letzten Batches darin übereinstimmen, wohin, und alle werden ein wenig zur Quelle zurückgezogen. Ein Bild und sein Spiegelbild antworten gemeinsam, und Norm-Schichten erinnern sich, wo Batches klein oder nach Klassen geordnet sind.',

  // sweeps
  'preset {0} (paper: {1})': 'Voreinstellung {0} (Paper: {1})',
  'batch {0} (paper: {1})': 'Batch {0} (Paper: {1})',
  'images in {0} (paper: {1})': 'Bilder in {0~} (Paper: {1~})',
  'images a domain {0} (paper: {1})': 'Bilder je Domäne {0} (Paper: {1})',
  'schedule {0} (paper: {1})': 'Ablauf {0} (Paper: {1})',
  'severity {0} (paper: {1})': 'Schweregrad {0} (Paper: {1})',
  'corruptions {0} (paper: {1})': 'Störungen: {0~} (Paper: {1~})',
  'cycles {0} (paper: {1})': 'Durchgänge {0} (Paper: {1})',
  'images {0} (paper: {1})': 'Bilder: {0~} (Paper: {1})',
  'model {0} (paper: {1})': 'Modell: {0} (Paper: {1})',
  'images and model: {0} / {1}, none of the paper’s': 'Bilder und Modell: {0~} / {1}, keine des Papers',
  'a window of {0} images (paper: none)': 'ein Fenster von {0} Bildern (Paper: keines)',
  'the collapse guard (paper: none)': 'der Wächter (Paper: keiner)',
  'shuffled order': 'gemischter Reihenfolge',
  'file order': 'der Reihenfolge der Dateien',
  'the {0} in their order': 'die {0} in ihrer Reihenfolge',
  'the 15 in another order': 'die 15 in anderer Reihenfolge',
  '{0} of {1}': '{0} von {1}',
  'Table 1: continual adaptation, the paper’s methods (its CIFAR-10-C table)':
    'Tabelle 1: fortlaufende Anpassung, die Methoden des Papers (seine Tabelle für CIFAR-10-C)',
  'Table 2: the same with the CIFAR-100-C settings': 'Tabelle 2: dasselbe mit den Einstellungen für CIFAR-100-C',
  'Table 3: the same with the ImageNet-C settings': 'Tabelle 3: dasselbe mit den Einstellungen für ImageNet-C',
  'Table 4: gradual adaptation': 'Tabelle 4: allmähliche Anpassung',
  'Table 5: share of the parameters that adapts': 'Tabelle 5: Anteil der Parameter, der sich anpasst',
  'Table 6: other optimizers in place of PALM’s learning rates':
    'Tabelle 6: andere Optimierer anstelle der Lernraten von PALM',
  'Table 7: importance from pseudo labels': 'Tabelle 7: Wichtigkeit aus Pseudo-Labels',
  'Table 8: weight of the consistency': 'Tabelle 8: Gewicht der Konsistenz',
  'Figure 2: importance of the layers, domain by domain': 'Abbildung 2: Wichtigkeit der Schichten, je Domäne',
  'Figure 3: smoothing factor alpha and temperature T': 'Abbildung 3: Glättungsfaktor Alpha und Temperatur T',
  'Tune: three settings of PALM on your own images, judged without labels':
    'Abstimmen: drei Einstellungen von PALM auf eigenen Bildern, ohne Labels beurteilt',
  'Least risk: {0}, over {1} images.': 'Am wenigsten Risiko: {0~}, über {1} Bilder.',
  'Not judged, because nothing of it is computed: {0}.': 'Nicht beurteilt, weil nichts davon berechnet ist: {0~}.',
  'All settings have the same risk, over {0} images.': 'Alle Einstellungen haben dasselbe Risiko, über {0} Bilder.',
  'A guess, judged without labels: how unsure a setting’s answers are, and three times as much how far they are less varied than BN-1’s on the same images. The first falls as adapting helps, the second rises where a setting is too bold and forgets classes. Neither is an error rate.':
    'Eine Vermutung, ohne Labels beurteilt: wie unsicher die Antworten einer Einstellung sind, und dreifach, um wie viel weniger vielfältig als die von BN-1 auf denselben Bildern. Das Erste sinkt, solange Anpassen hilft; das Zweite wächst, wo eine Einstellung zu kühn ist und Klassen vergisst. Keines ist eine Fehlerrate.',
  'The error is from the labels that these images have; it plays no part in the guess.':
    'Der Fehler stammt aus den Labels, die diese Bilder haben; in die Vermutung geht er nicht ein.',
  'Nothing to judge yet: that takes BN-1 and at least two settings of PALM, computed, with the answers that runs keep.':
    'Noch nichts zu beurteilen: Dazu braucht es BN-1 und mindestens zwei Einstellungen von PALM, gerechnet, mit den Antworten, die Läufe aufheben.',
  'risk %': 'Risiko in %',
  'unsure %': 'unsicher, %',
  'less varied %': 'weniger vielfältig, %',
  'Every method': 'Alle Methoden',
  '{0} has no option {1}; it has {2}': '{0} hat keine Option {1}; es gibt {2}',
  'a name has letters, digits, blanks, dots, hyphens and underscores':
    'ein Name besteht aus Buchstaben, Ziffern, Leerzeichen, Punkten, Binde- und Unterstrichen',

  // tables
  '{0} * ({1}) (collapsed)': '{0} * ({1~}) (kollabiert)',
  '{0} ({1}) (collapsed)': '{0} ({1~}) (kollabiert)',
  '{0} * (collapsed)': '{0} * (kollabiert)',
  '{0} (collapsed)': '{0} (kollabiert)',
  '{0} *': '{0~} *',
  'error %': 'Fehler, %',
  'confidence %': 'Konfidenz, %',
  'entropy, nats': 'Entropie, Nats',
  'agreement with source %': 'Übereinstimmung mit Source, %',
  'estimate of accuracy %': 'Schätzung der Genauigkeit, %',
  mean: 'Mittel',
  std: 'Standardabweichung',
  gain: 'Gewinn',
  method: 'Methode',
  setting: 'Einstellung',
  paper: 'Paper',
  'mean {0}': 'Mittel: {0~}',
  'mean of the {0} shared': 'Mittel der {0} gemeinsamen',
  'domain {0}': 'Domäne {0}',
  'Results of {0}': 'Ergebnisse von {0~}',
  'Online error in %, mean over domains; best = lowest of its column; gain = over Source of the same run.':
    'Online-Fehler in %, Mittel über die Domänen; bester = kleinster seiner Spalte; Gewinn = gegenüber Source desselben Laufs.',
  '{0}, means over a domain’s images. Not a score: none is marked as best.':
    '{0~}, Mittel über die Bilder einer Domäne. Keine Wertung: Keiner ist als bester markiert.',
  '{0} corruptions at severity {1}': '{0} Störungen mit Schweregrad {1}',
  '{0}. {1} / {2}; {3}, {4}, batch {5}, all images, seed {6}.':
    '{0~}. {1} / {2}; {3}, {4~}, Batch {5}, alle Bilder, Seed {6}.',
  '{0}. {1} / {2}; {3}, {4}, batch {5}, all images, mean ± std over seeds {6}.':
    '{0~}. {1} / {2}; {3}, {4~}, Batch {5}, alle Bilder, Mittel ± Standardabweichung über die Seeds {6}.',
  '{0}. {1} / {2}; {3}, {4}, batch {5}, {6} images a domain, seed {7}.':
    '{0~}. {1} / {2}; {3}, {4~}, Batch {5}, {6} Bilder je Domäne, Seed {7}.',
  '{0}. {1} / {2}; {3}, {4}, batch {5}, {6} images a domain, mean ± std over seeds {7}.':
    '{0~}. {1} / {2}; {3}, {4~}, Batch {5}, {6} Bilder je Domäne, Mittel ± Standardabweichung über die Seeds {7}.',
  'ms an image': 'ms je Bild',
  'times Source': 'Vielfaches von Source',
  'peak MiB of tensors': 'Tensoren höchstens, MiB',
  'adapted % of the adaptable parameters': 'angepasst, % der anpassbaren Parameter',
  'mean error %': 'mittlerer Fehler, %',
  'Not as in the paper: {0}.': 'Anders als im Paper: {0~}.',
  'Warning: unadapted, {0} gets {1} of {2} {3} images of {4} right, no better than guessing. Its normalisation (mean {5}, std {6}), the order of the classes or the input size is probably not what it was trained with.':
    'Warnung: Unangepasst erkennt {0} {1} von {2} Bildern von {4~} ({3~}) richtig, nicht mehr als durch Raten. Wahrscheinlich passen die Normalisierung (Mittelwert {5}, Standardabweichung {6}), die Reihenfolge der Klassen oder die Eingabegröße nicht zum Training.',
  clean: 'saubere',
  corrupted: 'gestörte',
  'Not complete: {0}.': 'Unvollständig: {0~}.',
  '{0} has {1} of {2} seeds': '{0} hat {1} von {2} Seeds',
  '{0} was left out: {1}': '{0} wurde ausgelassen: {1~}',
  '{0}, seed {1}: values that are not numbers at step {2}.':
    '{0}, Seed {1}: Werte, die keine Zahlen sind, in Schritt {2}.',
  '{0}, seed {1}: values that are not numbers at step {2}, put back to the source.':
    '{0}, Seed {1}: Werte, die keine Zahlen sind, in Schritt {2}, auf das Quellmodell zurückgesetzt.',
  '{0}, seed {1}: values that are not numbers at step {2}, put back to step {3}.':
    '{0}, Seed {1}: Werte, die keine Zahlen sind, in Schritt {2}, auf Schritt {3} zurückgesetzt.',
  '{0}, seed {1}: hardly any classes left at step {2}.': '{0}, Seed {1}: kaum noch Klassen übrig in Schritt {2}.',
  '{0}, seed {1}: hardly any classes left at step {2}, put back to the source.':
    '{0}, Seed {1}: kaum noch Klassen übrig in Schritt {2}, auf das Quellmodell zurückgesetzt.',
  '{0}, seed {1}: hardly any classes left at step {2}, put back to step {3}.':
    '{0}, Seed {1}: kaum noch Klassen übrig in Schritt {2}, auf Schritt {3} zurückgesetzt.',
  'Computed on different kinds of device, whose numbers differ in the last digits: {0}.':
    'Auf verschiedenen Arten von Geräten berechnet, deren Zahlen sich in den letzten Stellen unterscheiden: {0~}.',
  'Computed on {0}: products are shortened to ten bits of mantissa.':
    'Gerechnet auf: {0~}. Die Faktoren von Produkten sind auf zehn Bit Mantisse gekürzt.',
  'The paper’s own: {0}': 'Die des Papers: {0~}',
  '{0}, {1}; {2}; {3}. Not computed here: its settings are others than those above. {4}':
    '{0}, {1~}; {2~}; {3~}. Hier nicht berechnet: Die Einstellungen sind andere als oben. {4~}',
  '{0}, {1}; {2}; {3}. Not computed here. {4}': '{0}, {1~}; {2~}; {3~}. Hier nicht berechnet. {4~}',
  '{0}; {1}; {2}. Not computed here: its settings are others than those above. {3}':
    '{0}; {1~}; {2~}. Hier nicht berechnet: Die Einstellungen sind andere als oben. {3~}',
  '{0}; {1}; {2}. Not computed here. {3}': '{0}; {1~}; {2~}. Hier nicht berechnet. {3~}',
  '{0} ({1} / {2}, {3})': '{0~} ({1} / {2}, {3})',
  '{0}, with other settings than the paper’s': '{0~}, mit anderen Einstellungen als im Paper',
  '{0} ({1} / {2}, {3}), with other settings than the paper’s':
    '{0~} ({1} / {2}, {3}), mit anderen Einstellungen als im Paper',
  '* {0}: {1}': '* {0}: {1~}',

  'the database': 'die Datenbank',
  'Another program has been writing to {0} for too long. Wait for it or close it, then try again: what was recorded is kept.':
    'Ein anderes Programm schreibt schon zu lange in {0}. Bitte abwarten oder es schließen und dann noch einmal versuchen: Was aufgezeichnet ist, bleibt.',
  'The disk failed, or was taken away ({0}). Connect it again, then try again: what was recorded is kept.':
    'Die Platte ist ausgefallen oder entfernt worden ({0}). Bitte wieder anschließen und dann noch einmal versuchen: Was aufgezeichnet ist, bleibt.',
  '{0} cannot be written: its disk is read-only.':
    'In {0} lässt sich nicht schreiben: Die Platte ist schreibgeschützt.',
  'From step {0} on in batches of {1}: memory ran out.':
    'Ab Schritt {0} in Batches von {1}: Der Speicher reichte nicht.',
}
