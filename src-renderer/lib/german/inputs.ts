// What is said of images, their folders, lists and labels (src-main/stream), in German. See translator.ts for the holes.
import type { Rows } from './translator.ts'

export const inputs: Rows = {
  'The schedule {0} orders corruptions, and these images have domains of their own. Use continual, reset-per-domain, mixed or correlated.':
    'Der Ablauf {0} ordnet Störungen, und diese Bilder haben eigene Domänen. Bitte continual, reset-per-domain, mixed oder correlated wählen.',
  'The schedule {0} orders the images itself: in the order of the file they come with continual, reset-per-domain, gradual or custom.':
    'Der Ablauf {0} ordnet die Bilder selbst: In der Reihenfolge der Datei kommen sie mit continual, reset-per-domain, gradual oder custom.',
  'A custom schedule needs an order: a list of corruptions and severities.':
    'Ein eigener Ablauf braucht eine Reihenfolge: eine Liste von Störungen und Schweregraden.',

  // single images
  '{0} is not a usable image: {1}.': '{0} ist kein brauchbares Bild: {1~}.',
  'its header declares {0} x {1} pixels and it holds {2} x {3}':
    'Der Kopf nennt {0} × {1} Pixel, und darin sind {2} × {3}',
  'its first frame is larger than the picture': 'Das erste Einzelbild ist größer als das Bild',
  'it cannot be decoded': 'Es lässt sich nicht dekodieren',
  'its pixel format ({0} bytes a pixel) is not supported': 'Das Pixelformat ({0} Byte je Pixel) wird nicht unterstützt',
  'its pixels take more memory to decode than is allowed (512 MiB; TIFF 256 MiB). Save it smaller, or with 8 bits a channel':
    'Die Pixel brauchen zum Dekodieren mehr Arbeitsspeicher als erlaubt (512 MiB; TIFF 256 MiB). Bitte kleiner sichern oder mit 8 Bit je Kanal',
  'it is empty': 'Die Datei ist leer',
  'its header is cut short or damaged': 'Der Kopf ist abgeschnitten oder beschädigt',
  'it is not a JPEG, PNG, WebP, BMP, GIF, TIFF, PPM or AVIF file':
    'Es ist keine JPEG-, PNG-, WebP-, BMP-, GIF-, TIFF-, PPM- oder AVIF-Datei',
  'it has no pixels': 'Es hat keine Pixel',
  'it declares {0} x {1} pixels, more than {2} million': 'Angegeben sind {0} × {1} Pixel, mehr als {2} Millionen',
  'its palette is damaged': 'Die Palette ist beschädigt',
  'its pixels begin with codes of {0} bits': 'Die Pixel beginnen mit Codes von {0} Bit',
  'its pixels are damaged': 'Die Pixel sind beschädigt',
  'None of the first images of {0} can be read.': 'Keines der ersten Bilder von {0} lässt sich lesen.',
  'The images are corrupted already, and this is not among them.':
    'Die Bilder sind schon gestört, und das ist nicht dabei.',
  'This image has another size than the first one: {0}.': 'Dieses Bild hat eine andere Größe als das erste: {0~}.',
  'The images have different sizes: {0} is {1}. Give a size to which all are scaled and cut (--size).':
    'Die Bilder sind verschieden groß: {0} hat {1~}. Bitte eine Größe angeben, auf die alle skaliert und geschnitten werden (--size).',
  '{0} x {1} where {2} x {3} was expected': '{0} × {1}, wo {2} × {3} erwartet wurde',

  // a look
  'There are no images in {0}.': 'In {0} sind keine Bilder.',
  'No images in {0}.': 'Keine Bilder in {0}.',
  'There are no labels: confidence, entropy and agreement are shown in place of accuracy.':
    'Es gibt keine Labels: Anstelle der Genauigkeit werden Konfidenz, Entropie und Übereinstimmung gezeigt.',
  '{0} class is not among the model’s: match them by hand, or leave them out.':
    '{0} Klasse ist nicht unter denen des Modells: bitte von Hand zuordnen oder auslassen.',
  '{0} classes are not among the model’s: match them by hand, or leave them out.':
    '{0} Klassen sind nicht unter denen des Modells: bitte von Hand zuordnen oder auslassen.',
  'The class numbers are taken as the model’s, counted from 0 (--labels from-1 where they are not).':
    'Die Klassennummern gelten als die des Modells, von 0 gezählt (--labels from-1, wenn es nicht so ist).',
  'The class numbers are counted from 1: 1 is the model’s class 0.':
    'Die Klassennummern sind von 1 gezählt: 1 ist Klasse 0 des Modells.',
  'Only their sorted order says which class is which of the model’s.':
    'Nur ihre Sortierung sagt, welche Klasse welche des Modells ist.',
  'The frames of {0} are not kept: there is nothing to read again.':
    'Die Bilder von {0} werden nicht aufbewahrt: Es gibt nichts noch einmal zu lesen.',

  // labels
  'All classes of {0} are left out.': 'Alle Klassen von {0} sind ausgelassen.',
  It: 'Die Eingabe',
  'Match them by hand, or leave them out (--labels FILE: {"cat": 3, "other": null})':
    'Bitte von Hand zuordnen oder auslassen (--labels DATEI: {"cat": 3, "other": null})',
  '{0} to {1}': '{0} bis {1}',
  '{0} has the class numbers {1}, and the model has {2} classes: they may be counted from 0 or from 1. Say which: --labels from-0 or --labels from-1 (in the form: how the classes are counted).':
    '{0~} hat die Klassennummern {1~}, und das Modell hat {2} Klassen: Sie können von 0 oder von 1 gezählt sein. Bitte angeben: --labels from-0 oder --labels from-1 (im Formular: wie die Klassen gezählt sind).',
  '{0} has the class numbers {1}, but the model’s {2} classes are 0 to {3} (not known: {4}). {5}.':
    '{0~} hat die Klassennummern {1~}, aber die {2} Klassen des Modells sind 0 bis {3} (nicht bekannt: {4}). {5~}.',
  '{0} has {1} classes, but the model knows only {2}. Use a model that was trained on these classes, or leave out folders (--labels FILE: {"other": null}).':
    '{0~} hat {1} Klassen, aber das Modell kennt nur {2}. Bitte ein Modell nehmen, das mit diesen Klassen trainiert wurde, oder Ordner auslassen (--labels DATEI: {"other": null}).',
  'The model’s are {0} ….': 'Die des Modells sind {0} ….',
  'The model’s are {0}.': 'Die des Modells sind {0}.',
  '{0} has {1} classes and the model {2}, and no name says which is which ({3}): counting them off would be a guess. {4}, or say that they are the model’s first ones in sorted order (--labels order).':
    '{0~} hat {1} Klassen und das Modell {2}, und kein Name sagt, welche welche ist ({3}): Sie abzuzählen wäre geraten. {4~}, oder angeben, dass es in sortierter Reihenfolge die ersten des Modells sind (--labels order).',
  '{0} has classes that the model does not know by name ({1}).{2} {3}.':
    '{0~} hat Klassen, die das Modell dem Namen nach nicht kennt ({1}).{2~} {3~}.',
  '“{0}” was matched to class {1}, but the model has only {2}.':
    '„{0}“ wurde der Klasse {1} zugeordnet, aber das Modell hat nur {2}.',

  // arrays
  '{0} holds {1}: none is called images, x or data.': '{0} enthält {1~}: Keines heißt images, x oder data.',
  'no arrays': 'keine Arrays',
  '{0} has {1} images for {2} labels.': '{0} hat {1} Bilder für {2} Labels.',
  '{0}: {1}.npy has {2} images of each severity, {3}.npy {4}. Put those that belong together into a folder of their own.':
    '{0}: {1}.npy hat {2} Bilder je Schweregrad, {3}.npy {4}. Bitte, was zusammengehört, in einen eigenen Ordner legen.',
  '{0} and {1} more': '{0} und {1} weitere',
  '{0}: its labels do not repeat, so it is one severity. Which one, the files do not say: choose one.':
    '{0~}: Die Labels wiederholen sich nicht, also ist es ein Schweregrad. Welcher, sagen die Dateien nicht: bitte einen wählen.',
  '{0}: its labels repeat {1} times, so it is {2} severities. Which ones, the files do not say: choose {3}.':
    '{0~}: Die Labels wiederholen sich {1}-mal, also sind es {2} Schweregrade. Welche, sagen die Dateien nicht: bitte {3} wählen.',
  '{0} has one severity of {1}: its labels do not repeat. {2} were asked for; say which one it is (--severity {3}).':
    '{0} hat einen Schweregrad von {1}: Die Labels wiederholen sich nicht. Verlangt sind {2}; bitte angeben, welcher es ist (--severity {3!}).',
  '{0} has {1} severities of {2}: so often its labels repeat. {3} was asked for; say which they are (--severity {4}).':
    '{0} hat {1} Schweregrade von {2}: So oft wiederholen sich die Labels. Verlangt ist {3}; bitte angeben, welche es sind (--severity {4!}).',
  '{0} has {1} severities of {2}: so often its labels repeat. {3} were asked for; say which they are (--severity {4}).':
    '{0} hat {1} Schweregrade von {2}: So oft wiederholen sich die Labels. Verlangt sind {3}; bitte angeben, welche es sind (--severity {4!}).',
  '{0} has {1} images for {2} labels: neither one label for each, nor the labels of one severity for up to five of them.':
    '{0} hat {1} Bilder für {2} Labels: weder ein Label für jedes noch die Labels eines Schweregrads für bis zu fünf davon.',
  'How many severities {0} holds cannot be told: its labels repeat by themselves. Save in {1} the labels of one severity only.':
    'Wie viele Schweregrade {0} enthält, ist nicht zu erkennen: Die Labels wiederholen sich von selbst. Bitte in {1} nur die Labels eines Schweregrads sichern.',
  '{0} is not a usable .npy array: {1}.': '{0} ist kein brauchbares .npy-Array: {1~}.',
  'it does not begin as one': 'Es beginnt nicht wie eines',
  'its header is cut short or absurdly long': 'Der Kopf ist abgeschnitten oder unsinnig lang',
  'its header cannot be understood': 'Der Kopf ist nicht zu verstehen',
  'it holds values of the type {0}, and only plain numbers are read':
    'Es enthält Werte vom Typ {0}, und nur einfache Zahlen werden gelesen',
  'it is in Fortran order. Save it with numpy.ascontiguousarray':
    'Es liegt in Fortran-Ordnung vor. Bitte mit numpy.ascontiguousarray sichern',
  'its shape ({0}) needs more bytes than it has: it may be cut short':
    'Die Form ({0!}) braucht mehr Bytes, als da sind: Vielleicht ist es abgeschnitten',
  '{0} holds {1} of shape ({2}); images are bytes (|u1) of shape (N, height, width, 3).':
    '{0} enthält {1} der Form ({2!}); Bilder sind Bytes (|u1) der Form (N, Höhe, Breite, 3).',
  '{0} holds {1} of shape ({2}); labels are whole numbers of shape (N).':
    '{0} enthält {1} der Form ({2!}); Labels sind ganze Zahlen der Form (N).',
  '{0} holds labels below 0 or absurdly large ones.': '{0} enthält Labels unter 0 oder unsinnig große.',
  '{0} lies beyond the end of the file: it may be cut short.':
    '{0} liegt hinter dem Ende der Datei: Vielleicht ist sie abgeschnitten.',
  '{0} has {1} bytes, more than an image has.': '{0} hat {1} Byte, mehr als ein Bild hat.',

  // folders
  '{0} images lie outside of the class folders and are left out.':
    '{0} Bilder liegen außerhalb der Klassenordner und werden ausgelassen.',
  'Pictures of kinds that are not read are left out: {0}.': 'Bilder von Arten, die nicht gelesen werden, fehlen: {0}.',
  '{0} has images of one class only (“{1}”). An error needs at least two classes: give the folder in which the class folders lie side by side.':
    '{0} hat nur Bilder einer Klasse („{1}“). Ein Fehler braucht mindestens zwei Klassen: bitte den Ordner angeben, in dem die Klassenordner nebeneinander liegen.',
  'It lies in folders within: {0} is read.': 'Die Bilder liegen in Ordnern darin: Gelesen wird {0}.',
  '{0} has no folders that could be domains.': '{0} hat keine Ordner, die Domänen sein könnten.',
  'Some corruptions lack images that others have; they are left out there and listed in the report.':
    'Manchen Störungen fehlen Bilder, die andere haben; sie werden dort ausgelassen und im Bericht aufgeführt.',
  '{0}: of no corruption of the benchmark, left out (give such a folder itself to run on it).':
    '{0}: keine Störung des Benchmarks, ausgelassen (für einen Lauf damit einen solchen Ordner selbst angeben).',
  '{0} images lie outside of the corruptions and are left out.':
    '{0} Bilder liegen außerhalb der Störungen und werden ausgelassen.',
  '{0} has {1} twice, in {2} and in {3}. Give the folder of one of them.':
    '{0} hat {1} zweimal, in {2} und in {3}. Bitte den Ordner von einem davon angeben.',
  'The folder {0} cannot be opened. Does it exist, and may you read it?':
    'Der Ordner {0} lässt sich nicht öffnen. Gibt es ihn, und darf er gelesen werden?',
  '{0} is a single image. Give the folder that holds it.':
    '{0} ist ein einzelnes Bild. Bitte den Ordner angeben, in dem es liegt.',
  'There are no images in {0}. It should hold one folder per class with JPEG, PNG, WebP, BMP, GIF, TIFF, PPM or AVIF files in it.':
    'In {0} sind keine Bilder. Es sollte je Klasse einen Ordner mit JPEG-, PNG-, WebP-, BMP-, GIF-, TIFF-, PPM- oder AVIF-Dateien enthalten.',
  'a compressed tar cannot be read in place. Unpack it, or make it a zip or a plain tar':
    'Ein komprimiertes tar lässt sich nicht an Ort und Stelle lesen. Bitte entpacken oder ein zip oder einfaches tar daraus machen',
  '{0} is not a kind of file that images are read from. Give a folder, a .zip or .tar, a .csv or .jsonl list, or .npy / .npz arrays.':
    'Aus einer Datei wie {0} werden keine Bilder gelesen. Bitte einen Ordner angeben, ein .zip oder .tar, eine Liste (.csv, .jsonl) oder Arrays (.npy, .npz).',
  '{0} has no parts such as train or val, so “{1}” cannot be chosen.':
    '{0} hat keine Teile wie train oder val, also lässt sich „{1}“ nicht wählen.',
  '{0} has the parts {1}, and no “{2}”.': '{0} hat die Teile {1} und keinen „{2}“.',
  'It has the parts {0}: “{1}” is taken unless you choose another.':
    'Es gibt die Teile {0}: „{1}“ wird genommen, wenn kein anderer gewählt ist.',
  'Beside the parts lie {0}: left out.': 'Neben den Teilen liegen {0}: ausgelassen.',
  '“{0}” has no class folders; {1} has (--split).': '„{0}“ hat keine Klassenordner; {1} hat welche (--split).',
  'In {0} only {1}{2} has images, in further folders; {3} beside it has none. If the folders in it are the classes, give {4}{5} itself.':
    'In {0} hat nur {1}{2} Bilder, in weiteren Ordnern; {3} daneben hat keine. Sind die Ordner darin die Klassen, bitte {4}{5} selbst angeben.',
  'In {0} only {1}{2} has images, in further folders; {3} beside it have none. If the folders in it are the classes, give {4}{5} itself.':
    'In {0} hat nur {1}{2} Bilder, in weiteren Ordnern; {3} daneben haben keine. Sind die Ordner darin die Klassen, bitte {4}{5} selbst angeben.',
  'The folder {0}': 'Der Ordner {0}',
  'it may be nested too deeply, or not be open to you': 'Vielleicht ist er zu tief geschachtelt oder nicht zugänglich',
  'The folder {0} cannot be read. May you open it?': 'Der Ordner {0} lässt sich nicht lesen. Darf er geöffnet werden?',
  'there are more than {0} links to folders on the way to it':
    'Auf dem Weg dorthin liegen mehr als {0} Verknüpfungen zu Ordnern',

  // lists
  'Of the first {0} images {1} are not there, e.g. {2}.': 'Von den ersten {0} Bildern fehlen {1}, z. B. {2}.',
  '{0} lists no images.': '{0} führt keine Bilder auf.',
  '{0} has more than {1} rows.': '{0} hat mehr als {1} Zeilen.',
  '{0}, line {1}: there is no file name.': '{0}, Zeile {1}: Es fehlt ein Dateiname.',
  '{0}, line {1}: “{2}” is not a file name.': '{0}, Zeile {1}: „{2}“ ist kein Dateiname.',
  '{0}, line {1}: there is no domain.': '{0}, Zeile {1}: Es fehlt eine Domäne.',
  '{0} has no column for domains. Call one “domain”.': '{0} hat keine Spalte für Domänen. Bitte eine „domain“ nennen.',
  '{0} has no column “split”, so “{1}” cannot be chosen.':
    '{0} hat keine Spalte „split“, also lässt sich „{1}“ nicht wählen.',
  'It has a column “split”; all rows are taken (--split NAME takes a part).':
    'Es gibt eine Spalte „split“; alle Zeilen werden genommen (--split NAME nimmt einen Teil).',
  '{0} of {1} rows have no label.': '{0} von {1} Zeilen haben kein Label.',
  '{0} cannot be read as a list of images: {1}.': '{0} lässt sich nicht als Liste von Bildern lesen: {1~}.',
  'The columns {0} to {1} are read as the classes: one of them is 1 in each row.':
    'Die Spalten {0} bis {1} gelten als die Klassen: In jeder Zeile ist eine von ihnen 1.',
  'The column “{0}” is read as the label.': 'Die Spalte „{0}“ gilt als Label.',
  'No column is called label ({0}): call the one that has the classes “label”.':
    'Keine Spalte heißt label ({0}): bitte die mit den Klassen „label“ nennen.',
  '{0} has {1} columns and no header: which one is the label cannot be known. Give it a first row such as path,label,…':
    '{0} hat {1} Spalten und keine Kopfzeile: Welche das Label ist, lässt sich nicht wissen. Bitte eine erste Zeile wie path,label,… einfügen',
  '{0}: both “{1}” and “{2}” may be the label, and they differ. Call the one that is meant “label”.':
    '{0}: „{1}“ und „{2}“ können beide das Label sein, und sie weichen voneinander ab. Bitte die gemeinte „label“ nennen.',
  '{0}: no column has names of images ({1}). Call the one that has them “path” in the first row.':
    '{0}: Keine Spalte enthält Namen von Bildern ({1}). Bitte die richtige in der ersten Zeile „path“ nennen.',
  'Its paths do not exist; the images are read in its own folder in place of {0}.':
    'Die Pfade gibt es nicht; die Bilder werden im Ordner der Liste gelesen anstatt in {0}.',
  'Its paths do not exist; the images are read in {0} in place of {1}.':
    'Die Pfade gibt es nicht; die Bilder werden in {0} gelesen anstatt in {1}.',
  'The backslashes in its paths are read as slashes.': 'Rückwärtsschrägstriche in den Pfaden gelten als Schrägstriche.',
  'The images are found by their names beside the list.': 'Die Bilder sind neben der Liste an ihren Namen zu finden.',
  '{0} has a row of more than {1} columns.': '{0} hat eine Zeile mit mehr als {1} Spalten.',
  '{0}, line {1} is absurdly long.': '{0}, Zeile {1} ist unsinnig lang.',
  '{0}, line {1} is not JSON.': '{0}, Zeile {1} ist kein JSON.',
  '{0} has more than {1} keys.': '{0} hat mehr als {1} Schlüssel.',

  // archives
  '{0} cannot be read: {1}.': '{0~} lässt sich nicht lesen: {1~}.',
  '{0} would unpack to {1} bytes from {2}: that is no picture.':
    '{0} entpackte sich zu {1} Byte aus {2}: Das ist kein Bild.',
  '{0} is cut short or damaged.': '{0} ist abgeschnitten oder beschädigt.',
  '{0} is packed in its archive, and an array is read by parts. Unpack it, or save it with numpy.savez (not savez_compressed).':
    '{0} ist im Archiv gepackt, und ein Array wird in Teilen gelesen. Bitte entpacken oder mit numpy.savez sichern (nicht savez_compressed).',
  'it cannot be opened': 'Sie lässt sich nicht öffnen',
  'it is not a tar archive': 'Es ist kein tar-Archiv',
  'it is cut short or damaged': 'Es ist abgeschnitten oder beschädigt',
  'it has a name of absurd length': 'Ein Name darin ist unsinnig lang',
  'it has more than {0} entries': 'Es hat mehr als {0} Einträge',
  'it ends too early': 'Es endet zu früh',
  'it is not a usable zip archive (cut short or damaged)':
    'Es ist kein brauchbares zip-Archiv (abgeschnitten oder beschädigt)',

  // streams
  'No images of {0} are left to run on.': 'Von {0} bleiben keine Bilder für einen Lauf.',
  'clean images': 'saubere Bilder',
  '{0} of severity {1}': '{0} mit Schweregrad {1}',
  '{0} is corrupted already and has no {1}. It has {2} ….':
    '{0} ist schon gestört und enthält nicht: {1~}. Es gibt {2} ….',
  '{0} is corrupted already and has no {1}. It has {2}.': '{0} ist schon gestört und enthält nicht: {1~}. Es gibt {2}.',
  'The input is not what it was when the run streamed it.': 'Die Eingabe ist nicht mehr, was sie beim Lauf war.',
  'it exited': 'beendet',
  'The stream was closed.': 'Der Datenstrom wurde geschlossen.',
  'A worker thread died while it worked on {0} and the images after it.':
    'Ein Thread ist ausgefallen, während er an {0} und den Bildern danach arbeitete.',

  '{0} is not the image any more that this run read before: it was replaced. Put back what was there and resume, or start a new run.':
    '{0} ist nicht mehr das Bild, das dieser Lauf zuvor gelesen hat: Es wurde ersetzt. Bitte das alte zurücklegen und fortsetzen oder einen neuen Lauf starten.',
  '{0} is gone: it was removed or renamed, or its disk was taken away. What was computed is kept: bring it back, then resume the run.':
    '{0} ist fort: entfernt, umbenannt oder mit der Platte abgezogen. Was berechnet ist, bleibt: bitte wiederherstellen und den Lauf dann fortsetzen.',
}
