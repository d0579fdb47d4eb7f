// What a run says (src-main/session) and its store (src-main/store), in German. See translator.ts for the holes.
import type { Rows } from './translator.ts'

export const session: Rows = {
  'checkpoint {0}': 'Checkpoint {0}',
  'No image of {0} could be read.{1}': 'Kein Bild von {0} ließ sich lesen.{1~}',
  '{0} file could not be, e.g. {1}: {2}': 'Unlesbar ist {0} Datei: {1}: {2~}',
  '{0} files could not be, e.g. {1}: {2}': 'Unlesbar sind {0} Dateien, z. B. {1}: {2~}',
  'Only {0} of {1} images of {2} could be read, and a run needs {3} %: its figures are of too few.{4}':
    'Nur {0} von {1} Bildern von {2} ließen sich lesen, und ein Lauf braucht {3} %: Seine Zahlen stammen von zu wenigen.{4~}',
  'This run cannot be told to “{0}”.': 'Dieser Lauf kennt die Anweisung „{0}“ nicht.',
  'The run ended before its next step, so the option was not changed.':
    'Der Lauf endete vor seinem nächsten Schritt, daher wurde die Option nicht geändert.',
  '{0} computes other numbers than the processor: {1}. It is not used until its driver or this program changes.':
    '{0~} liefert andere Zahlen als der Prozessor: {1~}. Bis sich der Treiber oder dieses Programm ändert, wird nicht darauf gerechnet.',
  'The weights in {0} have changed since this run began. Start a new run.':
    'Die Gewichte in {0} haben sich seit dem Beginn dieses Laufs geändert. Bitte einen neuen Lauf starten.',
  '{0} is read with another normalisation than when this run began (mean {1}, std {2}): its numbers would not go together. Start a new run.':
    '{0} wird mit einer anderen Normalisierung gelesen als zu Beginn dieses Laufs (Mittelwert {1}, Standardabweichung {2}): Die Zahlen passten nicht zusammen. Bitte einen neuen Lauf starten.',
  'The source images have changed since this run began. Start a new run.':
    'Die Quellbilder haben sich seit dem Beginn dieses Laufs geändert. Bitte einen neuen Lauf starten.',
  'The images or classes of {0} have changed since this run began. Start a new run.':
    'Die Bilder oder Klassen von {0} haben sich seit dem Beginn dieses Laufs geändert. Bitte einen neuen Lauf starten.',
  'the state of lane {0} after step {1}': 'der Zustand der Methode {0} nach Schritt {1}',
  'The run was resumed on it.': 'Darauf wurde der Lauf fortgesetzt.',
  'Choose “automatic” as the device and start again.': 'Bitte „Automatisch“ als Gerät wählen und noch einmal starten.',
  'What was recorded is kept: “palm resume {0} --device auto” goes on with what is left, as does “Resume” with the device “automatic”.':
    'Was aufgezeichnet ist, bleibt: „palm resume {0} --device auto“ macht mit dem Übrigen weiter, ebenso „Fortsetzen“ mit dem Gerät „Automatisch“.',
  'CUDA toolkit': 'CUDA-Toolkit',
  'The session process did not understand a message.': 'Der Rechenprozess hat eine Nachricht nicht verstanden.',
  '{0} must end in .safetensors, .pth, .pt or .onnx; a path without an ending becomes a folder with a TensorFlow.js model.':
    '{0} muss auf .safetensors, .pth, .pt oder .onnx enden; ein Pfad ohne Endung wird ein Ordner mit einem TensorFlow.js-Modell.',
  'This {0} cannot be written as ONNX: there is no way there for {1}. Use .safetensors or .pth.':
    'Dieses Modell ({0}) lässt sich nicht als ONNX schreiben: Für {1~} gibt es dort keinen Weg. Bitte .safetensors oder .pth nehmen.',
  'This {0} cannot be written as a TensorFlow.js model: there is no way there for {1}. Use .safetensors or .pth.':
    'Dieses Modell ({0}) lässt sich nicht als TensorFlow.js-Modell schreiben: Für {1~} gibt es dort keinen Weg. Bitte .safetensors oder .pth nehmen.',
  'The run’s images are not there any more, so that no statistics can be estimated from them. Export with the source model’s statistics.':
    'Die Bilder des Laufs sind nicht mehr da, daher lässt sich aus ihnen keine Statistik schätzen. Bitte mit der Statistik des Quellmodells exportieren.',
  'Lane {0} adapts networks that it adds to the model (EcoTTA); the model itself is unchanged, so there is nothing to export as {1}.':
    'Die Methode {0} passt Netze an, die sie dem Modell hinzufügt (EcoTTA); das Modell selbst ist unverändert, also gibt es als {1} nichts zu exportieren.',
  'Only .safetensors and .pth can hold the changed tensors alone.':
    'Nur .safetensors und .pth können die geänderten Tensoren allein enthalten.',
  'The weights in {0} have changed since the run: the checkpoint does not fit them any more.':
    'Die Gewichte in {0} haben sich seit dem Lauf geändert: Der Checkpoint passt nicht mehr zu ihnen.',
  '{0} was written, but reading it again gives another model ({1}). Do not use it.':
    '{0} wurde geschrieben, aber wieder eingelesen ergibt sich ein anderes Modell ({1~}). Bitte nicht verwenden.',
  'its {0} outputs differ by {1}': 'die {0} Ausgaben weichen um {1} ab',
  'The disk of {0} is full: {1} was not written.': 'Die Platte von {0} ist voll: {1} wurde nicht geschrieben.',
  'The folder {0} does not exist: {1} was not written.': 'Den Ordner {0} gibt es nicht: {1} wurde nicht geschrieben.',
  '{0} cannot be written there. Choose another place.':
    '{0} lässt sich dort nicht schreiben. Bitte einen anderen Ort wählen.',
  'The folder {0} cannot be made. Does the folder above it exist, and may you write there?':
    'Der Ordner {0} lässt sich nicht anlegen. Gibt es den Ordner darüber, und darf dort geschrieben werden?',
  '{0} is no ONNX file: an output is chosen for ONNX files only. Leave out --output.':
    '{0} ist keine ONNX-Datei: Ein Ausgang wird nur bei ONNX-Dateien gewählt. Bitte --output weglassen.',
  '{0} is no ONNX file: an output is chosen for ONNX files only. Leave out --weights.':
    '{0} ist keine ONNX-Datei: Ein Ausgang wird nur bei ONNX-Dateien gewählt. Bitte --weights weglassen.',
  '{0} is no ONNX file: weights are given beside a network for ONNX files only. Leave out --output.':
    '{0} ist keine ONNX-Datei: Gewichte stehen nur neben einem Netz in einer ONNX-Datei. Bitte --output weglassen.',
  '{0} is no ONNX file: weights are given beside a network for ONNX files only. Leave out --weights.':
    '{0} ist keine ONNX-Datei: Gewichte stehen nur neben einem Netz in einer ONNX-Datei. Bitte --weights weglassen.',
  '{0} holds a whole network; a state dict is needed beside {1}.':
    '{0} enthält ein ganzes Netz; neben {1} wird ein State Dict gebraucht.',
  '{0} is no state dict.': '{0} ist kein State Dict.',
  '{0} takes images of {1} x {2}, and only square ones are made here. Export it for a square size, or give one that it takes as well (--size PIXELS).':
    '{0} nimmt Bilder von {1} × {2}, und hier entstehen nur quadratische. Bitte für eine quadratische Größe exportieren oder eine angeben, die auch geht (--size PIXEL).',
  'The model takes images of {0} x {1}, and only square ones are made here. Export it for a square size, or give one that it takes as well (--size PIXELS).':
    'Das Modell nimmt Bilder von {0} × {1}, und hier entstehen nur quadratische. Bitte für eine quadratische Größe exportieren oder eine angeben, die auch geht (--size PIXEL).',
  'EuroSAT ResNet-20': 'EuroSAT ResNet-20',
  'The weights file {0} cannot be read. Does it exist, and may you open it?':
    'Die Gewichtsdatei {0} lässt sich nicht lesen. Gibt es sie, und darf sie geöffnet werden?',
  '{0} is a folder. Give the weights file in it (of a TensorFlow.js model its model.json).':
    '{0} ist ein Ordner. Bitte die Gewichtsdatei darin angeben (bei einem TensorFlow.js-Modell die model.json).',
  '{0} is larger than {1} GiB, more than is read.': '{0} ist größer als {1} GiB, und so viel wird nicht gelesen.',
  "The source images are {0} x {1}, the stream's {2} x {3}. Give a size to which all are scaled and cut (--size).":
    'Die Quellbilder haben {0} × {1}, die des Datenstroms {2} × {3}. Bitte eine Größe angeben, auf die alle skaliert und geschnitten werden (--size).',
  'None of the source images of {0} can be read.': 'Keines der Quellbilder von {0} lässt sich lesen.',
  '{0} is damaged: its {1} are not JSON.': '{0~} ist beschädigt: {1} ist kein JSON.',
  'The weights in {0} have changed since the run: its checkpoints do not fit them any more.':
    'Die Gewichte in {0} haben sich seit dem Lauf geändert: Seine Checkpoints passen nicht mehr zu ihnen.',
  'The images or classes of {0} have changed since this run: its pictures cannot be made again. Their names and predictions are kept.':
    'Die Bilder oder Klassen von {0} haben sich seit diesem Lauf geändert: Die Bilder lassen sich nicht noch einmal herstellen. Ihre Namen und Vorhersagen bleiben.',
  'There is no NVIDIA driver.': 'Es gibt keinen NVIDIA-Treiber.',
  '{0} is no parity folder: it has no index.json.': '{0} ist kein Ordner mit Traces: Es fehlt index.json.',
  'Run {0} has no lane {1} yet.': 'Lauf {0} hat noch keine Methode {1}.',
  'The weights in {0} have changed since the run: there is nothing to compare its tensors with.':
    'Die Gewichte in {0} haben sich seit dem Lauf geändert: Es gibt nichts, womit sich seine Tensoren vergleichen ließen.',
  'Checkpoint {0} belongs to lane {1}.': 'Checkpoint {0} gehört zur Methode {1}.',
  'The model has {0} classes, and none with the number {1}.':
    'Das Modell hat {0} Klassen und keine mit der Nummer {1}.',
  'The frame is {0} x {1}, and the model takes {2} x {3}.': 'Das Bild hat {0} × {1}, und das Modell nimmt {2} × {3}.',
  'frame {0}': 'Bild {0}',
  'This run has no webcam.': 'Dieser Lauf hat keine Webcam.',
  'A run over a webcam has two lanes: the unadapted model, and one method beside it.':
    'Ein Lauf über eine Webcam hat zwei Teilnehmer: das unangepasste Modell und eine Methode daneben.',
  '{0} needs whole batches, and a webcam gives single frames. Choose one of {1}.':
    '{0} braucht ganze Batches, und eine Webcam liefert einzelne Bilder. Bitte eine von diesen wählen: {1}.',
  'The run is paused: continue it first.': 'Der Lauf ist angehalten: bitte zuerst weiterlaufen lassen.',
}

export const store: Rows = {
  'Run {0} has no checkpoint after step {1}.': 'Lauf {0} hat keinen Checkpoint nach Schritt {1}.',
  'The database holds a layer report that does not fit.':
    'Die Datenbank enthält einen Bericht über Schichten, der nicht passt.',
  'The database holds predictions that do not fit.': 'Die Datenbank enthält Vorhersagen, die nicht passen.',
  'The database holds confidences that do not fit.': 'Die Datenbank enthält Konfidenzen, die nicht passen.',
  'The database holds a row that does not fit (steps).':
    'Die Datenbank enthält eine Zeile, die nicht passt (Schritte).',
  'The copy of the database at {0} is damaged. Nothing was changed: the old folder is as it was.':
    'Die Kopie der Datenbank in {0} ist beschädigt. Nichts wurde geändert: Der alte Ordner ist, wie er war.',
  'The copy of the database at {0} does not hold all of {1}. Nothing was changed: the old folder is as it was.':
    'Die Kopie der Datenbank in {0} enthält nicht alles von {1}. Nichts wurde geändert: Der alte Ordner ist, wie er war.',
  '{0} was written by a newer version of PALM Studio. Use that version, or another data folder (--data).':
    '{0} hat eine neuere Version von PALM Studio geschrieben. Bitte diese Version oder einen anderen Datenordner nehmen (--data).',
  '{0} is not a readable database. Move it away (nothing in it is deleted) and start again, or use another data folder (--data).':
    '{0} ist keine lesbare Datenbank. Bitte beiseitelegen (nichts darin wird gelöscht) und noch einmal starten oder einen anderen Datenordner nehmen (--data).',
  '{0} cannot be opened for writing. Check the folder’s permissions, or use another data folder (--data).':
    '{0} lässt sich nicht zum Schreiben öffnen. Bitte die Rechte des Ordners prüfen oder einen anderen Datenordner nehmen (--data).',
  'The database holds a row that does not fit ({0}).': 'Die Datenbank enthält eine Zeile, die nicht passt ({0~}).',
  'The database holds a row that is not JSON ({0}).': 'Die Datenbank enthält eine Zeile, die kein JSON ist ({0~}).',
  'Run {0} has no checkpoint {1}. `palm show {2}` lists them.':
    'Lauf {0} hat keinen Checkpoint {1}. `palm show {2}` zeigt alle.',
  'There is no model {0} in the library.': 'In der Bibliothek gibt es kein Modell {0}.',
  'There is no model “{0}” in the library.': 'In der Bibliothek gibt es kein Modell „{0}“.',
  'There is a model “{0}” already.': 'Ein Modell „{0}“ gibt es schon.',
  '“{0}” has {1} classes, not {2}.': '„{0}“ hat {1} Klassen, nicht {2}.',
  'tags of run {0}': 'Tags von Lauf {0}',
  'options of run {0}': 'Optionen von Lauf {0}',
  'plan of run {0}': 'Plan von Lauf {0}',
  'progress of run {0}': 'Fortschritt von Lauf {0}',
  'seq of run {0}': 'Zählung von Lauf {0}',
  'error of run {0}': 'Fehler von Lauf {0}',
  'devices of run {0}': 'Geräte von Lauf {0}',
  'versions of run {0}': 'Versionen von Lauf {0}',
  'There is no run {0}. `palm runs` lists them.': 'Es gibt keinen Lauf {0}. `palm runs` zeigt alle.',
  'setting {0}': 'Einstellung {0}',
  'This row is not damaged, or not there any more: look at the list again.':
    'Diese Zeile ist nicht beschädigt oder nicht mehr da: Bitte die Liste noch einmal ansehen.',
  'its plan is no JSON': 'sein Plan ist kein JSON',
  'There is no sweep “{0}”. `palm sweeps` lists them.': 'Es gibt keinen Sweep „{0}“. `palm sweeps` zeigt alle.',
  'sweep {0}': 'Sweep {0}',

  'In the database {0} is damaged: it is not what was written. Check the disk; go on from another checkpoint (Timeline), or start a new run.':
    'In der Datenbank ist beschädigt: {0~}. Es ist nicht mehr, was geschrieben wurde. Bitte die Platte prüfen und von einem anderen Checkpoint fortsetzen (Zeitleiste) oder einen neuen Lauf starten.',
  'Step {0} was made of {1} images, of which {2} can be read now: files of the input were removed, damaged or mended since. Put back what was there and resume, or start a new run.':
    'Schritt {0} bestand aus {1} Bildern, von denen jetzt {2} lesbar sind: Dateien der Eingabe wurden seither entfernt, beschädigt oder repariert. Bitte den alten Stand wiederherstellen und fortsetzen oder einen neuen Lauf starten.',
  'Step {0} came out differently from what was recorded (lane {1}). An image of the input was replaced, or this machine, its thread count or the TensorFlow library differs from the one that began the run: put back what was there and resume, or start a new run here.':
    'Schritt {0} kam anders heraus, als er aufgezeichnet ist (Methode {1}). Ein Bild der Eingabe wurde ersetzt, oder dieser Rechner, die Zahl seiner Threads oder die TensorFlow-Bibliothek ist anders als zu Beginn des Laufs: bitte den alten Stand wiederherstellen und fortsetzen oder hier einen neuen starten.',
  '“palm resume {0} --halve-batch” or “Halve the batch and go on” takes batches of half the size from here on, whose numbers are others than those of whole ones; that is recorded with the run.':
    '„palm resume {0} --halve-batch“ oder „Batch halbieren und fortsetzen“ nimmt von hier an halb so große Batches, deren Zahlen andere sind als die von ganzen; das wird mit dem Lauf festgehalten.',
  'Number {0} is not in the queue any more: it has begun or was removed.':
    'Nummer {0} ist nicht mehr in der Warteschlange: Der Lauf hat begonnen oder wurde entfernt.',
  'place {0} of the queue': 'Platz {0} der Warteschlange',

  // files of runs from other machines (store/run-files.ts)
  '{0} does not lie beside {1}.': '{0} liegt nicht neben {1}.',
  '{0} was written by a newer version of PALM Studio. Use that version.':
    '{0} hat eine neuere Version von PALM Studio geschrieben. Bitte jene Version nehmen.',
  '{0} was written by an older version of PALM Studio, or is not its file. Compute it with this version.':
    '{0} hat eine ältere Version von PALM Studio geschrieben, oder es ist keine Datei des Programms. Bitte mit dieser Version berechnen.',
  '{0} is a database, but not one of PALM Studio’s. It was not read.':
    '{0} ist eine Datenbank, aber keine von PALM Studio. Sie wurde nicht gelesen.',
  '{0} is damaged. Copy it anew, or compute it anew.': '{0} ist beschädigt. Bitte neu kopieren oder neu berechnen.',
  'There is no run {0} in that file.': 'In jener Datei gibt es keinen Lauf {0}.',
  'plan of a run': 'Plan eines Laufs',
  'plan of sweep {0}': 'Plan des Sweeps {0}',
}
