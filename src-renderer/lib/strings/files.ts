// Choosing files and folders: the program's own picker, what may be dropped, and what images and models can look like.
import type { InEachLanguage, Words } from './words.ts'

const en = {
  choose: 'Choose…',
  chooseAFolder: 'Choose folder…',
  chooseAFile: 'Choose file…',
  titles: {
    folder: 'Choose a folder',
    images: 'Choose images: a folder, a list, an archive',
    model: 'Choose a model',
  },
  places: 'Places',
  up: 'Up',
  list: 'What lies here',
  looking: 'Looking…',
  images: (count: number, more: boolean) =>
    more
      ? `more than ${count.toLocaleString('en')} images`
      : count === 1
        ? '1 image'
        : `${count.toLocaleString('en')} images`,
  here: (images: string) => `${images} in this folder itself.`,
  folders: 'folder',
  emptyOf: {
    folder: 'No folder lies in this one: choose it itself, or go up.',
    images: 'Neither folders nor images or lists of images lie here: go up, or to another place.',
    model:
      'Neither folders nor model files (.pth, .pt, .safetensors, .onnx, model.json) lie here: go up, or to another place.',
  },
  cut: 'There is more here than is shown. A path can be typed into the field as well.',
  chooseFolder: 'Choose this folder',
  open: 'Open',
  cancel: 'Cancel',
  keys: '↑ ↓ choose, Enter opens, Backspace goes up, letters find, Ctrl+Enter takes this folder, Esc closes',
  recent: 'Recent…',
  recentTitle: 'Used before',
  forget: (path: string) => `Take ${path} off this list`,
  dropImages: 'Or drop a folder, an archive, a list or images anywhere on this window.',
  dropModel: 'Or drop a model’s file anywhere on this window.',
  dropEmpty: 'Drop a folder of images or a model’s file anywhere on this window to set up a run with it.',
  takesImages: 'What images can look like',
  takesModels: 'What a model can look like',
  imageExamples: {
    folders: 'Class folders: the folder’s name is the class',
    flat: 'Without labels: one folder of images',
    table: 'A list (.csv, .tsv, .jsonl): a path and a class in each line',
    imagenet: 'ImageNet-C: corruption, severity, class',
    cifar: 'CIFAR-10-C: one array for each corruption, and the labels',
    archive: 'The same in a .zip or .tar; .npy and .npz arrays',
  },
  modelExamples: {
    weights: 'Weights of a known architecture: it is recognised by the names and shapes of its tensors',
    onnx: 'A network of any kind, with its weights',
    tfjs: 'TensorFlow.js: the model.json, with its .bin files beside it',
  },
}

const de: Words<typeof en> = {
  choose: 'Auswählen…',
  chooseAFolder: 'Ordner auswählen…',
  chooseAFile: 'Datei auswählen…',
  titles: {
    folder: 'Ordner auswählen',
    images: 'Bilder auswählen: Ordner, Liste oder Archiv',
    model: 'Modell auswählen',
  },
  places: 'Orte',
  up: 'Nach oben',
  list: 'Was hier liegt',
  looking: 'Wird gelesen…',
  images: (count, more) =>
    more
      ? `mehr als ${count.toLocaleString('de')} Bilder`
      : count === 1
        ? '1 Bild'
        : `${count.toLocaleString('de')} Bilder`,
  here: (images) => `${images} in diesem Ordner selbst.`,
  folders: 'Ordner',
  emptyOf: {
    folder: 'In diesem Ordner liegt kein weiterer: ihn selbst auswählen oder eine Ebene hinauf.',
    images: 'Hier liegen weder Ordner noch Bilder oder Bilderlisten: eine Ebene hinauf oder an einen anderen Ort.',
    model:
      'Hier liegen weder Ordner noch Modelldateien (.pth, .pt, .safetensors, .onnx, model.json): eine Ebene hinauf oder an einen anderen Ort.',
  },
  cut: 'Hier liegt mehr, als gezeigt wird. Ein Pfad lässt sich auch in das Feld eintippen.',
  chooseFolder: 'Diesen Ordner nehmen',
  open: 'Öffnen',
  cancel: 'Abbrechen',
  keys: '↑ ↓ wählen, Eingabe öffnet, Rücktaste geht nach oben, Buchstaben suchen, Strg+Eingabe nimmt diesen Ordner, Esc schließt',
  recent: 'Zuletzt…',
  recentTitle: 'Zuletzt benutzt',
  forget: (path) => `${path} aus dieser Liste nehmen`,
  dropImages: 'Oder einen Ordner, ein Archiv, eine Liste oder Bilder irgendwo auf dieses Fenster ziehen.',
  dropModel: 'Oder die Datei eines Modells irgendwo auf dieses Fenster ziehen.',
  dropEmpty:
    'Einen Ordner mit Bildern oder die Datei eines Modells irgendwo auf dieses Fenster ziehen, um damit einen Lauf einzurichten.',
  takesImages: 'Wie Bilder aussehen können',
  takesModels: 'Wie ein Modell aussehen kann',
  imageExamples: {
    folders: 'Ordner je Klasse: Der Name des Ordners ist die Klasse',
    flat: 'Ohne Labels: ein Ordner mit Bildern',
    table: 'Eine Liste (.csv, .tsv, .jsonl): in jeder Zeile ein Pfad und eine Klasse',
    imagenet: 'ImageNet-C: Störung, Schweregrad, Klasse',
    cifar: 'CIFAR-10-C: ein Array je Störung, und die Labels',
    archive: 'Dasselbe in einer .zip oder .tar; Arrays als .npy und .npz',
  },
  modelExamples: {
    weights: 'Gewichte einer bekannten Architektur: Sie wird an Namen und Formen der Tensoren erkannt',
    onnx: 'Ein Netz jeder Art, mit seinen Gewichten',
    tfjs: 'TensorFlow.js: die model.json, die .bin-Dateien liegen daneben',
  },
}

export const files: InEachLanguage<typeof en> = { en, de }
