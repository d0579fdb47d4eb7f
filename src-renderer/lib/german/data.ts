// What stands in files that ship with the program (the paper's tables, the licences of others), in German. See translator.ts for the holes.
import type { Rows } from './translator.ts'

export const data: Rows = {
  // resources/paper
  'Continual test-time adaptation on CIFAR-10-C: error per corruption at severity 5':
    'Fortlaufende Test-Time Adaptation auf CIFAR-10-C: Fehler je Störung mit Schweregrad 5',
  'Continual test-time adaptation on CIFAR-100-C: error per corruption at severity 5':
    'Fortlaufende Test-Time Adaptation auf CIFAR-100-C: Fehler je Störung mit Schweregrad 5',
  'Continual test-time adaptation on ImageNet-C: error per corruption at severity 5':
    'Fortlaufende Test-Time Adaptation auf ImageNet-C: Fehler je Störung mit Schweregrad 5',
  'Gradual test-time adaptation: mean error over all severities':
    'Allmähliche Test-Time Adaptation: mittlerer Fehler über alle Schweregrade',
  "Share of the model's parameters that is adapted, mean per task":
    'Anteil der Parameter des Modells, der angepasst wird, Mittel je Aufgabe',
  "Replacing PALM's learning rates by adaptive optimizers: mean continual error":
    'Adaptive Optimierer anstelle der Lernraten von PALM: mittlerer fortlaufender Fehler',
  'Layer importance from pseudo-label likelihood instead of the KL to the uniform distribution: mean continual error':
    'Wichtigkeit der Schichten aus der Likelihood von Pseudo-Labels anstelle der KL zur Gleichverteilung: mittlerer fortlaufender Fehler',
  'Ablation of the consistency weight lambda: mean continual error of PALM':
    'Ablation des Konsistenzgewichts Lambda: mittlerer fortlaufender Fehler von PALM',
  'continual (15 corruptions one after the other in the column order, severity 5, no reset, prediction online)':
    'fortlaufend (15 Störungen nacheinander in der Reihenfolge der Spalten, Schweregrad 5, ohne Neubeginn, Vorhersage online)',
  'gradual: for every corruption the severity goes 1-2-3-4-5-4-3-2-1 before the next corruption starts, no reset':
    'allmählich: Bei jeder Störung geht der Schweregrad 1-2-3-4-5-4-3-2-1, bevor die nächste beginnt, ohne Neubeginn',
  'continual, severity 5': 'fortlaufend, Schweregrad 5',
  continual: 'continual', // the schedule's name
  'classification error in percent, lower is better': 'Klassifikationsfehler in Prozent, kleiner ist besser',
  "percent of the source model's parameters": 'Prozent der Parameter des Quellmodells',
  adapted_percent: 'angepasst, %',
  source_parameters_millions: 'Millionen Parameter des Quellmodells',
  'ResNeXt-29 32x4d (RobustBench, AugMix-trained)': 'ResNeXt-29 32x4d (RobustBench, mit AugMix trainiert)',
  'Maharana, Zhang, Guo: PALM, AAAI 2025. Numbers re-typed from the paper; errors in %, lower is better.':
    'Maharana, Zhang, Guo: PALM, AAAI 2025. Zahlen aus dem Paper abgeschrieben; Fehler in %, kleiner ist besser.',

  // build/licences.mjs
  'the native library that the set-up fetches; computes everything':
    'die native Bibliothek, die die Einrichtung holt; rechnet alles',
  'inside the npm package webgpu (which calls itself MIT): computes on graphics cards':
    'im npm-Paket webgpu (das sich selbst MIT nennt): rechnet auf Grafikkarten',
  'the images of the bundled sample': 'die Bilder des mitgelieferten Beispiels',
  'only after it was fetched in the library of models': 'erst nachdem es in der Bibliothek der Modelle geladen wurde',
  'names of classes': 'Namen von Klassen',
  'the desktop package only; its full list is LICENSES.chromium.html in the package':
    'nur im Desktop-Paket; die ganze Liste ist LICENSES.chromium.html im Paket',
}
