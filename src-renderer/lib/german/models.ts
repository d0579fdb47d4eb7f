// What readers of weights say of a file (src-main/engine/models), in German. See translator.ts for the holes.
import type { Rows } from './translator.ts'

export const models: Rows = {
  '{0} was refused: {1}.': '{0} wurde abgelehnt: {1~}.',
  '{0}: a transformer of width {1} with {2} tokens is not of a kind that is known here.':
    '{0}: Ein Transformer der Breite {1} mit {2} Tokens ist von keiner Art, die hier bekannt ist.',
  '{0}.… ({1} tensors)': '{0}.… ({1} Tensoren)',
  '{0} more': '{0} weitere',
  '{0} ends in layers that are not known here: “{1}” of the shape [{2}]. Export the whole network as ONNX instead.':
    '{0} endet in Schichten, die hier nicht bekannt sind: „{1}“ der Form [{2}]. Bitte stattdessen das ganze Netz als ONNX exportieren.',
  '{0} has no usable tensor “{1}.weight”, nor another linear layer at its end.':
    '{0} hat keinen brauchbaren Tensor „{1}.weight“ und auch keine andere lineare Schicht am Ende.',
  'What stands before “{0}” has no tensors: it is read as dropout, which does nothing outside of training.':
    'Was vor „{0}“ steht, hat keine Tensoren: Es gilt als Dropout, das außerhalb des Trainings nichts tut.',
  'What stands between “{0}” and “{1}” has no tensors: it is read as a ReLU. If it is another activation, the model’s numbers are wrong: export it as ONNX, which says it.':
    'Was zwischen „{0}“ und „{1}“ steht, hat keine Tensoren: Es gilt als ReLU. Ist es eine andere Aktivierung, sind die Zahlen des Modells falsch: dann bitte als ONNX exportieren, das sie nennt.',
  'What stands between “{0}” and “{1}” has no tensors: it is read as a ReLU and dropout. If it is another activation, the model’s numbers are wrong: export it as ONNX, which says it.':
    'Was zwischen „{0}“ und „{1}“ steht, hat keine Tensoren: Es gilt als ReLU und Dropout. Ist es eine andere Aktivierung, sind die Zahlen des Modells falsch: dann bitte als ONNX exportieren, das sie nennt.',
  'Its metadata says {0} in a way that is not known: left out.':
    'Die Metadaten nennen {0} auf unbekannte Weise: ausgelassen.',
  '{0} and {1} do not go together: {2}.': '{0} und {1} passen nicht zusammen: {2~}.',
  'Left out, for it is no part of the network: {0}.': 'Ausgelassen, weil es nicht zum Netz gehört: {0~}.',
  '{0} is a {1} by its tensors, not a {2}.': '{0} ist nach den Tensoren ein {1}, kein {2}.',
  '{0} has {1} classes but {2} class names.': '{0} hat {1} Klassen, aber {2} Klassennamen.',
  'Its metadata has {0} class names where the model has {1} classes: left out.':
    'Die Metadaten nennen {0} Klassen, und das Modell hat {1}: ausgelassen.',
  'its tensor “{0}” of the shape [{1}] is empty': 'der Tensor „{0}“ der Form [{1}] ist leer',
  '{0} was refused, because it cannot be computed as a {1}: {2}.':
    '{0} wurde abgelehnt, weil es sich nicht als {1} rechnen lässt: {2~}.',
  '{0} cannot take images of {1} x {2}: {3}. Choose another size (--size PIXELS), or leave it to the model.':
    '{0} kann keine Bilder von {1} x {2} nehmen: {3~}. Bitte eine andere Größe wählen (--size PIXEL) oder sie dem Modell überlassen.',
  '{0}: the tensor “{1}” cannot be read as weights: {2}. In Python: state_dict[{3}] = a plain float tensor of the same values.':
    '{0}: Der Tensor „{1}“ lässt sich nicht als Gewichte lesen: {2~}. In Python: state_dict[{3!}] = ein einfacher Float-Tensor mit denselben Werten.',
  '{0} looks like a {1}, but its tensor “{2}” is missing.': '{0} sieht aus wie ein {1}, aber der Tensor „{2}“ fehlt.',
  '{0} looks like a {1}, but “{2}” has the shape [{3}] where [{4}] is expected.':
    '{0} sieht aus wie ein {1}, aber „{2}“ hat die Form [{3}], wo [{4}] erwartet wird.',
  '{0} looks like a {1}, but has a tensor “{2}” that such a network does not have. If the network answers without it, leave it out: torch.save({k: v for k, v in state_dict.items() if not k.startswith({3})}, "model.pth"). If not, export the whole network as ONNX.':
    '{0} sieht aus wie ein {1}, hat aber einen Tensor „{2}“, den so ein Netz nicht hat. Antwortet das Netz auch ohne ihn, bitte weglassen: torch.save({k: v for k, v in state_dict.items() if not k.startswith({3!})}, "model.pth"). Wenn nicht, bitte das ganze Netz als ONNX exportieren.',
  'The classifier ({0}) stands outside of the network below “{1}”: it is taken to work on the features at the network’s end.':
    'Der Klassifikator ({0}) steht außerhalb des Netzes unter „{1}“: Es wird angenommen, dass er auf den Merkmalen am Ende des Netzes arbeitet.',
  '{0} holds more than one network ({1}), and nothing says which is meant. Save the right one by itself: torch.save({k[{2}:]: v for k, v in state_dict.items() if k.startswith({3})}, "model.pth").':
    '{0} enthält mehr als ein Netz ({1}), und nichts sagt, welches gemeint ist. Bitte das richtige für sich sichern: torch.save({k[{2!}:]: v for k, v in state_dict.items() if k.startswith({3!})}, "model.pth").',
  'the file scales its input (by {0}), but that is no normalisation of pixels: they are taken to be normalised before it':
    'die Datei skaliert ihre Eingabe (mit {0}), aber das ist keine Normalisierung von Pixeln: Es wird angenommen, dass sie vorher normalisiert werden',
  'the file takes pixels from 0 to 255': 'die Datei nimmt Pixel von 0 bis 255',
  '{0}: {1}, and the normalisation that is asked for (mean {2}, std {3}) would be done before that, a second time. Leave out --mean and --std, or put the model’s normalisation back to what its file says.':
    '{0}: {1~}, und die verlangte Normalisierung (Mittelwert {2}, Standardabweichung {3}) käme davor, ein zweites Mal. Bitte --mean und --std weglassen oder die Normalisierung des Modells auf die der Datei zurückstellen.',
  '{0}: {1}, and the normalisation that is asked for (mean {2}, std {3}) would be done before that and leave no bytes. Leave out --mean and --std, or put the model’s normalisation back to what its file says.':
    '{0}: {1~}, und die verlangte Normalisierung (Mittelwert {2}, Standardabweichung {3}) käme davor und ließe keine Bytes übrig. Bitte --mean und --std weglassen oder die Normalisierung des Modells auf die der Datei zurückstellen.',
  'pixels from 0 to 255': 'Pixel von 0 bis 255',
  'pixels from 0 to 1': 'Pixel von 0 bis 1',
  'the file takes {0} and scales them itself': 'die Datei nimmt {0~} und skaliert sie selbst',
  'the file takes {0} and normalises them itself (mean {1}, std {2})':
    'die Datei nimmt {0~} und normalisiert sie selbst (Mittelwert {1}, Standardabweichung {2})',
  'CIFAR ResNets (shortcuts A and B), Wide ResNets, ResNeXt-29 and -50, ResNet-18 to -152 (batch or group norm), VGG-BN, DenseNet, MobileNetV2, EfficientNet-B0 and -Lite0, ShuffleNetV2, RegNet, ConvNeXt, ViT':
    'ResNets für CIFAR (Abkürzungen A und B), Wide ResNets, ResNeXt-29 und -50, ResNet-18 bis -152 (Batch- oder Gruppen-Norm), VGG-BN, DenseNet, MobileNetV2, EfficientNet-B0 und -Lite0, ShuffleNetV2, RegNet, ConvNeXt, ViT',
  '{0} holds weights of an architecture that cannot be recognised by its tensors’ names. Known are: {1}. Export the whole network as ONNX instead.':
    '{0} enthält Gewichte einer Architektur, die sich an den Namen der Tensoren nicht erkennen lässt. Bekannt sind: {1~}. Bitte stattdessen das ganze Netz als ONNX exportieren.',
  '{0} has no usable tensor “{1}”.': '{0} hat keinen brauchbaren Tensor „{1}“.',
  '{0}: the norm layer “{1}” has no running statistics, and its {2} channels cannot be cut into 32 groups.':
    '{0}: Die Norm-Schicht „{1}“ hat keine laufende Statistik, und ihre {2} Kanäle lassen sich nicht in 32 Gruppen teilen.',
  '{0}: “{1}.weight” takes {2} features where {3} come in.': '{0}: „{1}.weight“ nimmt {2} Merkmale, wo {3} ankommen.',
  '{0}: “{1}” is not a square convolution kernel.': '{0}: „{1}“ ist kein quadratischer Faltungskern.',
  '{0}: “{1}” takes {2} channels where {3} come in.': '{0}: „{1}“ nimmt {2} Kanäle, wo {3} ankommen.',
  '{0} does not start like a PyTorch file: it may be cut short, or not a weights file at all.':
    '{0} beginnt nicht wie eine PyTorch-Datei: Vielleicht ist sie abgeschnitten oder gar keine Gewichtsdatei.',
  '{0} is not a weights file that can be read: .safetensors, PyTorch’s .pt and .pth, .onnx, or TensorFlow.js’s model.json.':
    '{0} ist keine lesbare Gewichtsdatei: .safetensors, .pt und .pth von PyTorch, .onnx oder die model.json von TensorFlow.js.',

  // ONNX
  'a list reaches beyond its end': 'eine Liste reicht über das Ende hinaus',
  'a list does not end where it says': 'eine Liste endet nicht, wo sie soll',
  'it ends in the middle of a part': 'die Datei endet mitten in einem Teil',
  'it has more parts than a classifier can need': 'die Datei hat mehr Teile, als ein Klassifikator brauchen kann',
  'a part reaches beyond its end': 'ein Teil reicht über das Ende hinaus',
  'a part does not end where it says': 'ein Teil endet nicht, wo er soll',
  '{0} was refused: its tensors share their data until they are larger than it.':
    '{0} wurde abgelehnt: Die Tensoren teilen sich so viele Daten, dass sie größer sind als die Datei.',
  'the tensor “{0}”': 'der Tensor „{0}“',
  '{0} was refused: {1} holds numbers of a kind ({2}) that is not read.':
    '{0} wurde abgelehnt: {1~} enthält Zahlen einer Art ({2}), die nicht gelesen wird.',
  '{0}: {1} has no usable shape.': '{0}: {1~} hat keine brauchbare Form.',
  '{0}: {1} has fewer values than its shape [{2}] needs: the file may be cut short.':
    '{0}: {1~} hat weniger Werte, als die Form [{2}] braucht: Vielleicht ist die Datei abgeschnitten.',
  '{0} was refused: it names “{1}” as the file of its data, and only files right beside it are read.':
    '{0} wurde abgelehnt: Als Datei der Daten ist „{1}“ genannt, und nur Dateien direkt daneben werden gelesen.',
  '{0} is not a usable ONNX file: it may be cut short.':
    '{0} ist keine brauchbare ONNX-Datei: Vielleicht ist sie abgeschnitten.',
  '{0} is not a usable ONNX file: there is no network in it.':
    '{0} ist keine brauchbare ONNX-Datei: Es ist kein Netz darin.',
  '{0} was refused: it uses opset {1}, and {2} to {3} are read.':
    '{0} wurde abgelehnt: Die Datei hat das Opset {1}, und gelesen werden {2} bis {3}.',
  '{0} takes images of any size and computes with their size, so it must be known: give the side of the images that it was trained on (--size PIXELS).':
    '{0} nimmt Bilder jeder Größe und rechnet mit ihrer Größe, darum muss sie bekannt sein: bitte die Seitenlänge der Bilder aus dem Training angeben (--size PIXEL).',

  // safetensors, TensorFlow.js
  '{0} is not a usable .safetensors file: {1}.': '{0} ist keine brauchbare .safetensors-Datei: {1~}.',
  'it is shorter than its 8-byte header': 'Sie ist kürzer als ihr Kopf von 8 Byte',
  'its header is longer than the file: it may be cut short':
    'Der Kopf ist länger als die Datei: Vielleicht ist sie abgeschnitten',
  'its header is not valid JSON ({0})': 'Der Kopf ist kein gültiges JSON ({0~})',
  'its header is not valid JSON (unreadable)': 'Der Kopf ist kein gültiges JSON (unlesbar)',
  'its header is not an object': 'Der Kopf ist kein Objekt',
  'the name “{0}” occurs twice': 'Der Name „{0}“ kommt zweimal vor',
  'the entry of “{0}” is malformed': 'Der Eintrag von „{0}“ ist fehlerhaft',
  '“{0}” has the type {1}, which is not supported': '„{0}“ hat den Typ {1}, der nicht unterstützt wird',
  '“{0}” reaches beyond the end of the file: it may be cut short':
    '„{0}“ reicht über das Ende der Datei hinaus: Vielleicht ist sie abgeschnitten',
  '“{0}” has {1} bytes where its shape [{2}] needs {3}': '„{0}“ hat {1} Byte, wo die Form [{2}] {3} braucht',
  '“{0}” overlaps another tensor': '„{0}“ überschneidet sich mit einem anderen Tensor',
  'PALM Studio': 'PALM Studio',
  '{0}: the weights of “{1}” are not in its shards.': '{0}: Die Gewichte von „{1}“ sind nicht in den Teildateien.',
  '{0}: the node “{1}” reads “{2}”, which is not there.': '{0}: Der Knoten „{1}“ liest „{2}“, das es nicht gibt.',
  '{0}: its graph goes in a circle at “{1}”.': '{0}: Der Graph geht bei „{1}“ im Kreis.',
  '{0}: the weights “{1}/{2}” are not in its shards.': '{0}: Die Gewichte „{1}/{2}“ sind nicht in den Teildateien.',
  '{0}: the layer “{1}” does not say what it reads.': '{0}: Die Schicht „{1}“ sagt nicht, was sie liest.',
  '{0}: the layer “{1}” reads “{2}”, which does not come before it.':
    '{0}: Die Schicht „{1}“ liest „{2}“, das nicht vor ihr kommt.',
  '{0}: the node “{1}” lacks its input {2}.': '{0}: Dem Knoten „{1}“ fehlt die Eingabe {2}.',
  'there are no values for “{0}”': 'für „{0}“ gibt es keine Werte',
  '{0} was refused: it names “{1}” as the file of its weights, and only files right beside it are read.':
    '{0} wurde abgelehnt: Als Datei der Gewichte ist „{1}“ genannt, und nur Dateien direkt daneben werden gelesen.',
  '{0} is not a usable TensorFlow.js model: {1}.': '{0} ist kein brauchbares TensorFlow.js-Modell: {1~}.',
  'it names the same file of weights twice': 'Dieselbe Datei mit Gewichten ist zweimal genannt',
  'its graph is malformed': 'Der Graph ist fehlerhaft',
  'it holds neither a graph nor layers': 'Es enthält weder einen Graphen noch Schichten',
  'its layers are malformed': 'Die Schichten sind fehlerhaft',
  '{0} was refused: “{1}” holds {2}, which is not read.':
    '{0} wurde abgelehnt: „{1}“ enthält {2}, und das wird nicht gelesen.',
  '“{0}” reaches beyond the end of its shards: one may be missing or cut short':
    '„{0}“ reicht über das Ende der Teildateien hinaus: Vielleicht fehlt eine oder ist abgeschnitten',
  'it is not valid JSON ({0})': 'Es ist kein gültiges JSON ({0~})',
  'it is not valid JSON (unreadable)': 'Es ist kein gültiges JSON (unlesbar)',

  // PyTorch
  '{0} is not a usable PyTorch file: {1}.': '{0} ist keine brauchbare PyTorch-Datei: {1~}.',
  'its pickle names a global by something that is no text': 'Der Pickle nennt etwas Globales nicht mit einem Text',
  'it holds the unknown pickle code 0x{0}': 'Sie enthält den unbekannten Pickle-Code 0x{0!}',
  'it is cut short': 'Die Datei ist abgeschnitten',
  'it is a TorchScript archive without a state dict': 'Sie ist ein TorchScript-Archiv ohne State Dict',
  'there is no data.pkl in the archive': 'Im Archiv ist keine data.pkl',
  'it does not start like a PyTorch file': 'Sie beginnt nicht wie eine PyTorch-Datei',
  '{0} was written on a big-endian machine.': '{0} wurde auf einem Big-Endian-Rechner geschrieben.',
  'a tensor refers to something that is no storage': 'Ein Tensor verweist auf etwas, das kein Speicher (storage) ist',
  '{0} holds numbers of the kind {1}, which is not read.':
    '{0} enthält Zahlen der Art {1}, und die werden nicht gelesen.',
  'unset tensor': 'nicht gesetzter Tensor',
  'foreign tensor': 'fremder Tensor',
  'a tensor has no usable shape': 'Ein Tensor hat keine brauchbare Form',
  'a tensor has no storage': 'Ein Tensor hat keinen Speicher (storage)',
  'its numbers are of the kind {0}': 'Seine Zahlen sind von der Art {0}',
  'it is quantised': 'Er ist quantisiert',
  'it is sparse': 'Er ist dünn besetzt (sparse)',
  'it was saved without values': 'Er wurde ohne Werte gesichert',
  'it is a nested tensor': 'Er ist ein geschachtelter Tensor',
  'it is an array of another device': 'Er ist ein Array eines anderen Geräts',
  '{0} holds more than one thing that can be the weights ({1}), and nothing says which is meant. Save the right one by itself: torch.save(checkpoint{2}, "model.pth").':
    '{0} enthält mehr als etwas, das die Gewichte sein kann ({1}), und nichts sagt, was gemeint ist. Bitte das Richtige für sich sichern: torch.save(checkpoint{2!}, "model.pth").',
  'its tensors are larger than what it holds': 'Die Tensoren sind größer als der Inhalt der Datei',
  '{0} holds no state dict: neither by itself nor under state_dict, model, net or the like. In Python: torch.save(model.state_dict(), "model.pth").':
    '{0} enthält kein State Dict: weder für sich noch unter state_dict, model, net oder Ähnlichem. In Python: torch.save(model.state_dict(), "model.pth").',
  '{0}: the tensor “{1}” reaches beyond its storage: the file may be cut short.':
    '{0}: Der Tensor „{1}“ reicht über seinen Speicher (storage) hinaus: Vielleicht ist die Datei abgeschnitten.',
  'its pickle is out of step': 'Der Pickle ist aus dem Takt',
  'its pickle refers to something that is not there': 'Der Pickle verweist auf etwas, das es nicht gibt',
  'its pickle calls what is no function': 'Der Pickle ruft auf, was keine Funktion ist',
  'its pickle sets the state of what has none': 'Der Pickle setzt den Zustand von etwas, das keinen hat',
  'its pickle fills what is no dict': 'Der Pickle füllt, was kein Dict ist',
  'its pickle fills what is no list': 'Der Pickle füllt, was keine Liste ist',
  'it holds a number of absurd length': 'Sie enthält eine Zahl von unsinniger Länge',
  '“{0}” is no number': '„{0}“ ist keine Zahl',
  '{0} was refused: it holds a Python object “{1}”, and only tensors, dicts, lists, strings and numbers are read. In Python: torch.save(model.state_dict(), "model.pth").':
    '{0} wurde abgelehnt: Die Datei enthält ein Python-Objekt „{1}“, und gelesen werden nur Tensoren, Dicts, Listen, Texte und Zahlen. In Python: torch.save(model.state_dict(), "model.pth").',
  'its pickle asks for more memory than such a file can need':
    'Der Pickle verlangt mehr Arbeitsspeicher, als so eine Datei brauchen kann',
  'its archive is damaged ({0})': 'Das Archiv ist beschädigt ({0~})',
  'its archive is damaged (unreadable)': 'Das Archiv ist beschädigt (unlesbar)',
  'its archive has {0} entries, more than a model has': 'Das Archiv hat {0} Einträge, mehr als ein Modell hat',
  'its archive is encrypted': 'Das Archiv ist verschlüsselt',
  'its archive is cut short': 'Das Archiv ist abgeschnitten',
  'its archive is packed by a method ({0}) that is not read':
    'Das Archiv ist mit einem Verfahren ({0}) gepackt, das nicht gelesen wird',
  'its archive unpacks to an absurd size': 'Das Archiv entpackt sich zu einer unsinnigen Größe',
  '{0}: the tensor “{1}” holds values that are not finite numbers.':
    '{0}: Der Tensor „{1}“ enthält Werte, die keine endlichen Zahlen sind.',
}
