// What methods say of their options and of what is ours in them (src-main/engine/methods), in German; their one sentence stands in both languages in the
// descriptor. See translator.ts for the holes.
import type { Rows } from './translator.ts'

export const methods: Rows = {
  // citations, names, footnotes
  'Chen et al., CVPR 2022 (online form of the benchmark)': 'Chen et al., CVPR 2022 (Online-Form des Benchmarks)',
  'after Ro, Choi, AAAI 2021': 'nach Ro, Choi, AAAI 2021',
  'after Wang et al., WACV 2024': 'nach Wang et al., WACV 2024',
  'the unadapted model': 'das unangepasste Modell',
  'Lee et al., ICLR 2023 (continual form of PALM’s tables)':
    'Lee et al., ICLR 2023 (fortlaufende Form aus den Tabellen von PALM)',
  'Wang et al., ICLR 2021 (continual: never reset)': 'Wang et al., ICLR 2021 (fortlaufend: nie zurückgesetzt)',
  'AutoLR (online form, ours)': 'AutoLR (Online-Form, von uns)',
  'COME (TENT)': 'COME (TENT)',
  'DSS (reconstructed)': 'DSS (nachgebaut)',
  'PALM ({0})': 'PALM ({0~})',
  'auto, ours': 'auto, von uns',
  'auto unmirrored, ours': 'auto ohne Spiegelbilder, von uns',
  'kappa on line, ours': 'Kappa laufend, von uns',
  '{0}, fresh': '{0}, jedes Mal neu',
  'The weak view’s crop is ours.': 'Der Ausschnitt der schwachen Ansicht stammt von uns.',
  'AutoLR is for supervised fine-tuning; this online form with TENT’s loss is ours.':
    'AutoLR ist für überwachtes Fine-Tuning gedacht; diese Online-Form mit dem Verlust von TENT stammt von uns.',
  'No published rate for CIFAR: TENT’s is used.': 'Für CIFAR ist keine Lernrate veröffentlicht: Es gilt die von TENT.',
  'No code and no full text was at hand: only the idea is DSS’s, the algorithm is ours. Not to be quoted as DSS.':
    'Weder Code noch Volltext lagen vor: Nur die Idee ist die von DSS, der Algorithmus stammt von uns. Nicht als DSS zu zitieren.',
  'No official code exists: settings and details follow a public re-implementation; the cut of other networks than its own is ours.':
    'Es gibt keinen offiziellen Code: Einstellungen und Einzelheiten folgen einer öffentlichen Nachimplementierung; wie andere Netze als die eigenen zerlegt werden, stammt von uns.',
  'Made for models trained with its own normalisation; on others it runs, but that is not what was published.':
    'Gemacht für Modelle, die mit der eigenen Normalisierung trainiert wurden; auf anderen läuft die Methode auch, aber das ist nicht, was veröffentlicht wurde.',
  'Source images are replayed in one drawn order.':
    'Quellbilder werden in einer einmal gelosten Reihenfolge wiederholt.',
  'The reset threshold is scaled to the number of classes.':
    'Die Schwelle für den Neubeginn ist auf die Zahl der Klassen umgerechnet.',
  'With fisherWeight 0 it is ETA, which needs none.': 'Mit fisherWeight 0 ist es ETA, das keine braucht.',

  // options
  'Nesterov’s form of the momentum.': 'Momentum in der Form von Nesterov.',
  'Added to the gradient, in proportion to the weights.': 'Wird im Verhältnis der Gewichte zum Gradienten addiert.',
  'Share of the momentum model that stays in each step.': 'Anteil des Momentum-Modells, der in jedem Schritt bleibt.',
  'Keys and features that are remembered.': 'Schlüssel und Merkmale, die gemerkt werden.',
  'Remembered neighbours that vote for a pseudo label.': 'Gemerkte Nachbarn, die über ein Pseudo-Label abstimmen.',
  'Images seen before neighbours vote.': 'Bilder, die gesehen sein müssen, bevor Nachbarn abstimmen.',
  'Batches between two adjustments of the blocks’ learning rates.':
    'Batches zwischen zwei Anpassungen der Lernraten der Blöcke.',
  'The first block shall move so many times the least mover’s distance.':
    'Der erste Block soll sich das Sovielfache dessen bewegen, was sich am wenigsten bewegt.',
  'The last block shall move so many times the largest mover’s distance.':
    'Der letzte Block soll sich das Sovielfache dessen bewegen, was sich am meisten bewegt.',
  'Share of the batch’s statistics; the rest is the source’s.':
    'Anteil der Statistik des Batches; der Rest ist die der Quelle.',
  'Share of the hidden weights that stays in each prediction; the rest is the source’s.':
    'Anteil der verborgenen Gewichte, der bei jeder Vorhersage bleibt; der Rest sind die der Quelle.',
  'Share of the weights that stays after each step; the rest is the hidden ones’.':
    'Anteil der Gewichte, der nach jedem Schritt bleibt; der Rest sind die verborgenen.',
  'Noise of the filter, for 38,400 adapted parameters.': 'Rauschen des Filters, für 38.400 angepasste Parameter.',
  'Weight of “I do not know”; null = the number of classes (the published code has 1000, ImageNet’s).':
    'Gewicht von „ich weiß es nicht“; null = die Zahl der Klassen (im veröffentlichten Code 1000, die von ImageNet).',
  'Adam, or SGD with Nesterov momentum 0.9.': 'Adam oder SGD mit Nesterov-Momentum 0,9.',
  'Probability of each scalar to go back to the source’s.':
    'Wahrscheinlichkeit jedes einzelnen Werts, auf den der Quelle zurückzugehen.',
  'Below this mean confidence of the unadapted model the teacher is averaged over views; belongs to the model’s calibration.':
    'Unter dieser mittleren Konfidenz des unangepassten Modells wird der Lehrer über Ansichten gemittelt; hängt von der Kalibrierung des Modells ab.',
  'Views that the teacher is averaged over.': 'Ansichten, über die der Lehrer gemittelt wird.',
  'The loss of the ImageNet form: both directions of the cross entropy.':
    'Der Verlust der Form für ImageNet: beide Richtungen der Kreuzentropie.',
  'How far the class’s probability must fall when the image’s tiles are shuffled.':
    'Wie weit die Wahrscheinlichkeit der Klasse fallen muss, wenn die Kacheln des Bildes gemischt werden.',
  'Share of the moving confidence threshold that stays in each batch.':
    'Anteil der gleitenden Konfidenzschwelle, der in jedem Batch bleibt.',
  'Weight of the pull towards the source’s weights by the Fisher information; 0 = ETA, which needs no source images.':
    'Wie stark die Fisher-Information zu den Gewichten der Quelle zieht; 0 = ETA, das keine Quellbilder braucht.',
  'Source images for the Fisher information (as many as there are, at most).':
    'Quellbilder für die Fisher-Information (höchstens so viele, wie es gibt).',
  'The opinion’s entropy in place of the softmax’s (EATA_COME).':
    'Die Entropie der Meinung anstelle der des Softmax (EATA_COME).',
  'Parts that the encoder is cut into; each gets a meta network.':
    'Teile, in die der Encoder zerlegt wird; jeder bekommt ein Meta-Netz.',
  'Weight of the pull towards the frozen parts’ outputs.':
    'Wie stark die Ausgaben der eingefrorenen Teile zu sich ziehen.',
  'Passes over the source images that train the meta networks before the run.':
    'Durchgänge durch die Quellbilder, die vor dem Lauf die Meta-Netze trainieren.',
  'Largest step size of the warm-up.': 'Größte Schrittweite des Aufwärmens.',
  'How alike two images are: a Gaussian of their features’ distance, or being among the nearest.':
    'Wie ähnlich zwei Bilder sind: eine Gauß-Funktion des Abstands ihrer Merkmale oder ob sie zu den nächsten gehören.',
  'Neighbours that set the Gaussian’s width, or that are alike.':
    'Nachbarn, die die Breite der Gauß-Funktion bestimmen oder als ähnlich gelten.',
  'Exponent of the layers’ weights.': 'Exponent der Gewichte der Schichten.',
  'Weight of the consistency; null = 0.01 C, as LAW’s own code has it (PALM’s copy multiplies by C once more).':
    'Gewicht der Konsistenz; null = 0,01 C wie im Code von LAW selbst (die Kopie in PALM multipliziert noch einmal mit C).',
  'Clears the gradient before the likelihood’s pass; the published code leaves the last batch’s in it.':
    'Leert den Gradienten vor dem Durchgang der Likelihood; der veröffentlichte Code lässt den des letzten Batches darin.',
  'The benchmark’s SGD: each step is 1.9 times as long.': 'Das SGD des Benchmarks: Jeder Schritt ist 1,9-mal so lang.',
  'AugMix views of each image.': 'AugMix-Ansichten jedes Bildes.',
  'Share of the views’ (or the image’s) statistics; the rest is the source’s.':
    'Anteil der Statistik der Ansichten (oder des Bildes); der Rest ist die der Quelle.',
  'Images that are remembered, and images between two updates.':
    'Bilder, die gemerkt werden, und Bilder zwischen zwei Updates.',
  'How many standard errors an image’s own statistics may differ before they count.':
    'Um wie viele Standardfehler die Statistik eines Bildes abweichen darf, bevor sie zählt.',
  'Share of an update’s statistics in the running ones.': 'Anteil der Statistik eines Updates an der gleitenden.',
  'What the published code does, or what the text says.': 'Was der veröffentlichte Code tut, oder was der Text sagt.',
  'Scale of the learning rates (Adam’s step size at importance 1).':
    'Maßstab der Lernraten (Schrittweite von Adam bei Wichtigkeit 1).',
  'mirrored (ours, the preset auto): convolutions move as far as successive batches agree on where to, with ROID’s loss; an image and its mirror image answer together; norm layers remember where batches are small or ordered by class; kappa, eta, lambda and margin are not used. agreement (ours, earlier): the same without these two. auto (ours, older): kappa is set on line by how diverse the predictions stay beside BN-1’s; the given one is not used.':
    'mirrored (von uns, das Preset auto): Faltungen bewegen sich so weit, wie aufeinanderfolgende Batches darin übereinstimmen, wohin, mit dem Verlust von ROID; ein Bild und sein Spiegelbild antworten gemeinsam; Norm-Schichten erinnern sich, wo Batches klein oder nach Klassen geordnet sind; Kappa, Eta, Lambda und margin gelten dann nicht. agreement (von uns, früher): dasselbe ohne diese beiden. auto (von uns, älter): Kappa wird laufend danach eingestellt, wie vielfältig die Vorhersagen gegenüber BN-1 bleiben; der angegebene Wert gilt dann nicht.',
  'Weight of the current sensitivity in its moving average.':
    'Gewicht der aktuellen Sensitivität in ihrem gleitenden Mittel.',
  'Temperature T of the softmax in the divergence.': 'Temperatur T des Softmax in der Divergenz.',
  'Tensors whose score is at most this adapt, the rest is frozen.':
    'Tensoren mit höchstens diesem Score passen sich an, der Rest ist eingefroren.',
  'Weight of the consistency with an augmented view (`reference` multiplies by the number of classes).':
    'Gewicht der Konsistenz mit einer augmentierten Ansicht (`reference` multipliziert mit der Zahl der Klassen).',
  'Added to the gradient, as Adam’s L2 form does.': 'Wird zum Gradienten addiert, wie in der L2-Form von Adam.',
  'What importance is measured with: the divergence to the uniform distribution, or the likelihood of the predicted label (Table 7).':
    'Womit die Wichtigkeit gemessen wird: mit der Divergenz zur Gleichverteilung oder der Likelihood der vorhergesagten Klasse (Tabelle 7).',
  'One learning rate per tensor or per element; null = the variant’s own (tensor in `reference`, element in `paper`).':
    'Eine Lernrate je Tensor oder je Element; null = wie die Variante (tensor in `reference`, element in `paper`).',
  'adam = PALM. lars, prodigy, adafactor take the place of importance and Adam (Table 6).':
    'adam = PALM. lars, prodigy und adafactor treten an die Stelle von Wichtigkeit und Adam (Tabelle 6).',
  'Whether the replacing optimizer remembers, or is created afresh for each batch, as the published code does with Adam.':
    'Ob der Ersatz-Optimierer ein Gedächtnis hat oder für jeden Batch neu angelegt wird, wie es der veröffentlichte Code mit Adam tut.',
  'Scale of the replacing optimizer’s steps (Prodigy: gamma).':
    'Maßstab der Schritte des Ersatz-Optimierers (bei Prodigy: Gamma).',
  'Batches between resets.': 'Batches zwischen zwei Neuanfängen.',
  'Weight of the replayed source images’ cross entropy.': 'Gewicht der Kreuzentropie der wiederholten Quellbilder.',
  'Source images (with repetition) that are seen before the run.':
    'Quellbilder (mit Wiederholung), die vor dem Lauf gesehen werden.',
  'Share of the weights that stays after each step; the rest is the source’s.':
    'Anteil der Gewichte, der nach jedem Schritt bleibt; der Rest sind die der Quelle.',
  'Images that are remembered.': 'Bilder, die gemerkt werden.',
  'Images between two updates.': 'Bilder zwischen zwei Updates.',
  'Share of the teacher that stays in each update.': 'Anteil des Lehrers, der bei jedem Update bleibt.',
  'How far it climbs before it looks at the gradient.':
    'Wie weit es den Verlust hinaufgeht, bevor der Gradient genommen wird.',
  'Resets when the average loss falls below this; null = 0.2 ln C / ln 1000 (ours: the published 0.2 was chosen for 1,000 classes).':
    'Beginnt von vorn, wenn der mittlere Verlust darunter fällt; null = 0,2 ln C / ln 1000 (von uns: die veröffentlichten 0,2 waren für 1.000 Klassen gewählt).',
  'The opinion’s entropy in place of the softmax’s (SAR_COME).':
    'Die Entropie der Meinung anstelle der des Softmax (SAR_COME).',
  'Weight of the consistency with an augmented view.': 'Gewicht der Konsistenz mit einer augmentierten Ansicht.',

  // why a model cannot take a method
  'If it was exported as ONNX, its batch normalisation was folded into the convolutions. Give its state dict beside it (--weights model.pth), or export it again with torch.onnx.export(model.eval(), (x,), "model.onnx", dynamo=False, training=torch.onnx.TrainingMode.PRESERVE, do_constant_folding=False).':
    'Wurde es als ONNX exportiert, ist seine Batch-Normalisierung in die Faltungen eingerechnet. Bitte das State Dict daneben angeben (--weights model.pth) oder noch einmal exportieren mit torch.onnx.export(model.eval(), (x,), "model.onnx", dynamo=False, training=torch.onnx.TrainingMode.PRESERVE, do_constant_folding=False).',
  '{0} works with the statistics of batch normalisation, and this {1} has none. Methods that move the norm layers’ scale and shift can run on it: TENT, SAR, EATA, PALM and others.':
    '{0} arbeitet mit der Statistik der Batch-Normalisierung, und dieses Modell ({1}) hat keine. Methoden, die Skalierung und Verschiebung der Norm-Schichten bewegen, können damit laufen: TENT, SAR, EATA, PALM und andere.',
  '{0} works with the statistics of batch normalisation, and this {1} has none. {2}':
    '{0} arbeitet mit der Statistik der Batch-Normalisierung, und dieses Modell ({1}) hat keine. {2~}',
  '{0} moves the norm layers’ scale and shift, and this {1} has no norm layers. {2}':
    '{0} bewegt Skalierung und Verschiebung der Norm-Schichten, und dieses Modell ({1}) hat keine Norm-Schichten. {2~}',
  '{0} has nothing to adapt in this {1}: there are neither convolutions nor norm layers in it.':
    '{0} findet in diesem Modell ({1}) nichts zum Anpassen: Es hat weder Faltungen noch Norm-Schichten.',
  '{0} needs source images: clean ones of the kind the model was trained on, in a folder per class. Give them with the run (--source DIR). {1}':
    '{0} braucht Quellbilder: saubere von der Art, mit der das Modell trainiert wurde, ein Ordner je Klasse. Bitte mit dem Lauf angeben (--source ORDNER). {1~}',
  '{0} needs source images: clean ones of the kind the model was trained on, in a folder per class. Give them with the run (--source DIR).':
    '{0} braucht Quellbilder: saubere von der Art, mit der das Modell trainiert wurde, ein Ordner je Klasse. Bitte mit dem Lauf angeben (--source ORDNER).',
  '{0} needs labels of the source images: a folder with one folder per class.':
    '{0} braucht Labels der Quellbilder: einen Ordner mit einem Ordner je Klasse.',
  '{0} adapts the first block, and no tensor of this {1} belongs to one (layer1, block1 or stage_1).':
    '{0} passt den ersten Block an, und kein Tensor dieses Modells ({1}) gehört zu einem (layer1, block1 oder stage_1).',
  '{0} cuts the network into parts, and this {1} has no blocks to cut between.':
    '{0} zerlegt das Netz in Teile, und dieses Modell ({1}) hat keine Blöcke, zwischen denen das ginge.',
}
