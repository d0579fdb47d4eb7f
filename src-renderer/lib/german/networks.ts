// Why a network of a file cannot be taken (src-main/engine): of its nodes and layers, in German. See translator.ts for the holes.
import type { Rows } from './translator.ts'

/** Ends of a sentence that begins with a node's or layer's name: `Conv “a” has 3 groups`. */
export const predicates: Rows = {
  'joins {0}': 'verbindet {0~}',
  'joins features of different kinds': 'verbindet Merkmale verschiedener Art',
  'joins along an axis other than the channels': 'verbindet entlang einer anderen Achse als der der Kanäle',
  'joins constants that do not fit together': 'verbindet Konstanten, die nicht zusammenpassen',
  'joins nothing': 'verbindet nichts',
  'has a constant of {0} values for {1} channels': 'hat eine Konstante von {0} Werten für {1} Kanäle',
  'takes {0} together': 'nimmt {0~} zusammen',
  'has a constant of the shape {0} for values of {1}, and only one number, or one per channel, is taken':
    'hat eine Konstante der Form {0} für Werte von {1}, und nur eine Zahl oder eine je Kanal wird angenommen',
  'is not two-dimensional': 'ist nicht zweidimensional',
  'has {0} groups': 'hat {0} Gruppen',
  'has a kernel of {0} x {1}, and only square ones are taken':
    'hat einen Kern von {0} × {1}, und nur quadratische werden angenommen',
  'takes {0} channels where {1} come in': 'nimmt {0} Kanäle, wo {1} ankommen',
  'has {0} outputs in {1} groups': 'hat {0} Ausgaben in {1} Gruppen',
  'has a dilation of {0}': 'hat eine Dilatation von {0}',
  'takes images, and {0} comes in': 'nimmt Bilder, und {0} kommt an',
  'has a kernel of the shape {0}': 'hat einen Kern der Form {0}',
  'has a bias of other than {0} values': 'hat einen Bias, der nicht {0} Werte hat',
  'says that its kernel is {0}, and its weights are of another':
    'gibt den Kern {0~} an, und die Gewichte haben einen anderen',
  '{0} x {1}': '{0} × {1}',
  'is dilated and pads by itself (auto_pad), which other readers do not take either':
    'hat Dilatation und füllt selbst auf (auto_pad), was auch andere Leser nicht annehmen',
  'has its channels first': 'hat die Kanäle vorn',
  'has unequal strides': 'hat ungleiche Schrittweiten (strides)',
  'multiplies by something that is no matrix': 'multipliziert mit etwas, das keine Matrix ist',
  'takes {0} features where {1} come in': 'nimmt {0} Merkmale, wo {1} ankommen',
  'transposes its input': 'transponiert die Eingabe',
  'multiplies along an image’s rows, and only along its channels it is taken':
    'multipliziert entlang der Zeilen eines Bildes, angenommen wird es nur entlang der Kanäle',
  'scales or transposes its input': 'skaliert oder transponiert die Eingabe',
  'works on {0}, and it takes rows of features': 'arbeitet auf {0} und nimmt nur Zeilen von Merkmalen',
  'adds something of the shape {0}, and one number for each of its {1} outputs is taken':
    'addiert etwas der Form {0}, und nur eine Zahl für jede der {1} Ausgaben wird angenommen',
  'shuffles {0} channels in {1} groups': 'mischt {0} Kanäle in {1} Gruppen',
  'gives features {0} axes': 'gibt Merkmalen {0} Achsen',
  'gives features the shape {0}': 'gibt Merkmalen die Form {0}',
  'cuts backwards, or along an axis that is not there':
    'schneidet rückwärts oder entlang einer Achse, die es nicht gibt',
  'takes some of a batch’s images': 'nimmt einige der Bilder eines Batches',
  'pads with something other than zeros around the image': 'füllt mit etwas anderem auf als Nullen um das Bild',
  'pads by no usable number of pixels': 'füllt um keine brauchbare Zahl von Pixeln auf',
  'does something other than take every nth row and column':
    'tut etwas anderes, als jede n-te Zeile und Spalte zu nehmen',
  'cuts along an axis other than the channels': 'schneidet entlang einer anderen Achse als der der Kanäle',
  'cuts nothing out': 'schneidet nichts aus',
  'picks parts of an image or feature': 'wählt Teile eines Bildes oder Merkmals',
  'picks too many parts of an image or feature': 'wählt zu viele Teile eines Bildes oder Merkmals',
  'picks channels that are not among the {0}': 'wählt Kanäle, die nicht unter den {0} sind',
  'takes channels beyond the {0} that there are': 'nimmt Kanäle über die {0} vorhandenen hinaus',
  'splits along an axis other than the channels': 'teilt entlang einer anderen Achse als der der Kanäle',
  'splits into parts that do not fit': 'teilt in Teile, die nicht passen',
  'takes features, and {0} comes in': 'nimmt Merkmale, und {0} kommt an',
  'normalises with the statistics of each batch (training_mode = 1), so that one image’s answer depends on the others: export the network in evaluation mode, model.eval() with training=TrainingMode.EVAL or PRESERVE':
    'normalisiert mit der Statistik jedes Batches (training_mode = 1), sodass die Antwort zu einem Bild von den anderen abhängt: bitte das Netz im Auswertungsmodus exportieren, model.eval() mit training=TrainingMode.EVAL oder PRESERVE',
  'has a {0} of other than {1} values': 'hat ein {0}, das nicht {1} Werte hat',
  'has an epsilon below zero': 'hat ein Epsilon unter null',
  'normalises over axes other than the channels': 'normalisiert über andere Achsen als die der Kanäle',
  'has other than {0} weights': 'hat nicht {0} Gewichte',
  'normalises in a way that is not supported': 'normalisiert auf eine Weise, die nicht unterstützt wird',
  'is the tanh approximation': 'ist die tanh-Näherung',
  'has a slope (alpha) of {0}, and only 1 is taken': 'hat die Steigung (alpha) {0}, und nur 1 wird angenommen',
  'is over the axis {0} of {1}, and only one over the channels is taken':
    'geht über die Achse {0} von {1}, und nur die über die Kanäle wird angenommen',
  'rounds its size up (ceil_mode) and counts its padding':
    'rundet die Größe auf (ceil_mode) und zählt das Aufgefüllte mit',
  'averages over axes other than height and width': 'mittelt über andere Achsen als Höhe und Breite',
  'pools over {0} pixels': 'fasst {0} Pixel zusammen (Pooling)',
  'pads by as much as it pools over': 'füllt um so viel auf, wie es zusammenfasst (Pooling)',
  'is dilated': 'hat Dilatation',
  'does not say over how many pixels it pools': 'sagt nicht, wie viele Pixel zusammengefasst werden (Pooling)',
  'gives the places of its values as well': 'gibt auch die Stellen der Werte aus',
  'pads by itself (auto_pad) with a stride longer than its window':
    'füllt selbst auf (auto_pad) bei einer Schrittweite, die länger ist als das Fenster',
  'is not square': 'ist nicht quadratisch',
  'has a stride of {0}': 'hat die Schrittweite {0}',
  'pads by {0} pixels': 'füllt um {0} Pixel auf',
  'counts its axes from the end, which opsets before 11 do not':
    'zählt die Achsen vom Ende, was Opsets vor 11 nicht tun',
  'counts its axis from the end, which opsets before 11 do not':
    'zählt die Achse vom Ende, was Opsets vor 11 nicht tun',
  'drops values by chance (training_mode), and a classifier must not: export it in evaluation mode':
    'lässt zufällig Werte weg (training_mode), was ein Klassifikator nicht darf: bitte im Auswertungsmodus exportieren',
  'holds something that is no number': 'enthält etwas, das keine Zahl ist',
  'turns features into whole numbers': 'macht aus Merkmalen ganze Zahlen',
  'computes more constants than a classifier needs': 'berechnet mehr Konstanten, als ein Klassifikator braucht',
  'has {0} numbers where a few are expected': 'hat {0} Zahlen, wo einige wenige erwartet werden',
  'has {0} of {1} x {2}, and only equal ones are taken': 'hat {0} von {1} × {2}, und nur gleiche werden angenommen',
  'pads in the way {0}': 'füllt auf die Weise {0} auf',
  'pads by an absurd number of pixels': 'füllt um eine unsinnige Zahl von Pixeln auf',
  'reads “{0}”, which is not there': 'liest „{0}“, das es nicht gibt',
  'works on features under the axes {0}, and on those it is not supported':
    'arbeitet auf Merkmalen mit den Achsen {0}, und darauf wird es nicht unterstützt',
  'works on something that is no image or feature': 'arbeitet auf etwas, das weder Bild noch Merkmal ist',
  'computes its input {0} at run time, and only constants are taken there':
    'berechnet die Eingabe {0} erst zur Laufzeit, und dort werden nur Konstanten angenommen',
  'computes its input {0} at run time': 'berechnet die Eingabe {0} erst zur Laufzeit',
  'lacks its input {0}': 'hat die Eingabe {0} nicht',
  'goes in steps of {0}': 'geht in Schritten von {0}',
  'names the axis {0} of {1}': 'nennt die Achse {0} von {1}',
  'gives {0} values the shape [{1}]': 'gibt {0} Werten die Form [{1}]',
  'takes out an axis of {0}': 'entfernt eine Achse von {0}',
  'adds the same axis twice, or too many': 'fügt dieselbe Achse zweimal hinzu oder zu viele',
  'turns axes that are not there': 'dreht Achsen, die es nicht gibt',
  'turns axes around in a way that is not supported': 'vertauscht Achsen auf eine Weise, die nicht unterstützt wird',
  'picks the place {0} of {1}': 'wählt die Stelle {0} von {1}',
  'has the activation {0}': 'hat die Aktivierung {0~}',
  'works on a constant': 'arbeitet auf einer Konstanten',
  'is fused with {0}': 'ist mit {0} verschmolzen',
}

/** What it is that is refused. */
export const networks: Rows = {
  'that is no name': '(kein Name)',
  'the weights “{0}” have the shape [{1}], and {2} axes are expected':
    'Die Gewichte „{0}“ haben die Form [{1}], und {2} Achsen werden erwartet',
  '{0} has a constant of shape {1}, and only one number, or one per channel, is taken':
    '{0} hat eine Konstante der Form {1}, und nur eine Zahl oder eine je Kanal wird angenommen',
  'the convolution {0} {1}': 'Die Faltung {0} {1~}',
  'the linear layer {0} takes {1} features where {2} come in':
    'Die lineare Schicht {0} nimmt {1} Merkmale, wo {2} ankommen',
  'the batch norm {0} has {1} channels where {2} come in':
    'Die Batch-Normalisierung {0} hat {1} Kanäle, wo {2} ankommen',
  '{0} normalises features and no images, and instance-aware normalisation (NOTE) needs the pixels of an image.':
    '{0} normalisiert Merkmale und keine Bilder, und die Normalisierung je Bild (NOTE) braucht die Pixel eines Bildes.',
  '{0} zeros': '{0} Nullen',
  'group normalisation': 'Gruppen-Normalisierung',
  'average pooling that leaves out its padding': 'Mittelwert-Pooling, das sein Aufgefülltes auslässt',
  'the tensor “{0}” of the shape {1} is empty': 'Der Tensor „{0}“ der Form {1} ist leer',
  '{0} has no usable {1}': '{0} hat kein brauchbares {1}',
  'nothing is left of an image of {0} x {1} at {2}: {3}':
    'Von einem Bild von {0} × {1} bleibt bei {2} nichts übrig: {3}',
  '{0} gives {1} for one image of {2} x {3}, more than can be held':
    '{0} gibt für ein Bild von {2} × {3} {1}, mehr als in den Speicher passt',
  'its output has the shape {0}, and {1} scores are expected':
    'Die Ausgabe hat die Form {0}, und {1} Scores werden erwartet',
  'it has no input': 'Das Netz hat keinen Eingang',
  'it takes {0} inputs ({1}), and a classifier of images takes one':
    'Das Netz nimmt {0} Eingaben ({1}), und ein Klassifikator von Bildern nimmt eine',
  'its input takes neither floating-point numbers nor bytes (uint8)':
    'Der Eingang nimmt weder Gleitkommazahlen noch Bytes (uint8)',
  'its input has the shape [{0}], and colour images (3 channels) are needed':
    'Der Eingang hat die Form [{0}], und Farbbilder (3 Kanäle) werden gebraucht',
  'it has no output “{0}”; there are {1}': 'Es gibt keinen Ausgang „{0}“; es gibt {1}',
  'none of its outputs ({0}) is a row of scores for each image':
    'Keiner der Ausgänge ({0}) ist eine Zeile von Scores für jedes Bild',
  '{0} of its outputs may be the scores: {1}; say which with --output NAME, or under the model in the form':
    '{0} der Ausgänge können die Scores sein: {1}; bitte mit --output NAME sagen, welcher, oder im Formular beim Modell',
  'its output is no row of scores, one for each of two classes or more':
    'Die Ausgabe ist keine Zeile von Scores, einer für jede von mindestens zwei Klassen',
  'its output does not depend on its input': 'Die Ausgabe hängt nicht von der Eingabe ab',
  'it has {0} outputs, and a classifier has one': 'Das Netz hat {0} Ausgänge, und ein Klassifikator hat einen',
  'its input has {0} channels, and colour images are needed':
    'Der Eingang hat {0} Kanäle, und Farbbilder werden gebraucht',
  'it has more than {0} nodes': 'Das Netz hat mehr als {0} Knoten',
  'the tensor “{0}” is used in two shapes': 'Der Tensor „{0}“ wird in zwei Formen benutzt',
  'it holds the op {0}.{1}, which is not supported': 'Die Operation {0}.{1} wird nicht unterstützt',
  'it holds the op {0}, which is not supported': 'Die Operation {0} wird nicht unterstützt',
  'the output {0} of {1}, “{2}”, is not supported': 'Die Ausgabe {0} von {1}, „{2}“, wird nicht unterstützt',
  'the layer “{0}” {1}': 'Die Schicht „{0}“ {1~}',
  'it holds the layer {0} (“{1}”), which is not supported': 'Die Schicht {0} („{1}“) wird nicht unterstützt',
  'the layer “{0}” is used more than once': 'Die Schicht „{0}“ wird mehr als einmal benutzt',
  'no convolution and batch normalisation of the weights give the convolution {0} of the network ({1} convolutions and {2} batch normalisations were tried)':
    'Keine Faltung und Batch-Normalisierung der Gewichte ergeben die Faltung {0} des Netzes ({1} Faltungen und {2} Batch-Normalisierungen wurden versucht)',
  'no batch normalisation was folded into a convolution, so there is none to bring back':
    'Keine Batch-Normalisierung wurde in eine Faltung eingerechnet, also ist keine zurückzuholen',
}
