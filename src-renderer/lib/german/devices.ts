// What devices say (src-main/engine/compute), in German. See translator.ts for the holes.
import type { Rows } from './translator.ts'

export const devices: Rows = {
  'TensorFlow is not set up on this machine: `palm doctor` says why, and `npm start` sets it up.':
    'TensorFlow ist auf diesem Rechner nicht eingerichtet: `palm doctor` sagt, warum, und `npm start` richtet es ein.',
  'The native TensorFlow library could not be loaded. Run `npm start` again (it repairs the set-up), or `palm doctor` to see what is missing.':
    'Die native TensorFlow-Bibliothek ließ sich nicht laden. Bitte `npm start` noch einmal ausführen (das repariert die Einrichtung) oder `palm doctor`, um zu sehen, was fehlt.',
  'The device ran out of memory. Try a smaller batch size, fewer methods in one run, or a smaller model.':
    'Dem Gerät ging der Speicher aus. Bitte eine kleinere Batchgröße, weniger Methoden in einem Lauf oder ein kleineres Modell versuchen.',
  'The NVIDIA GPU, or its driver, failed in the middle of the work.':
    'Die NVIDIA-Grafikkarte oder ihr Treiber ist mitten in der Arbeit ausgefallen.',
  'The TensorFlow kernel {0} failed.': 'Der TensorFlow-Kernel {0} ist fehlgeschlagen.',
  'TensorFlow finds no NVIDIA GPU that it can use, though there is an NVIDIA driver: its CUDA library may not be set up (PALM_DEVICE=cuda npm start). Choose “auto”, or {0}.':
    'TensorFlow findet keine NVIDIA-Grafikkarte, die es nutzen kann, obwohl es einen NVIDIA-Treiber gibt: Vielleicht ist die CUDA-Bibliothek nicht eingerichtet (PALM_DEVICE=cuda npm start). Bitte „automatisch“ wählen oder {0~}.',
  'TensorFlow finds no NVIDIA GPU that it can use: there is no NVIDIA driver. Choose “auto”, or {0}.':
    'TensorFlow findet keine NVIDIA-Grafikkarte, die es nutzen kann: Es gibt keinen NVIDIA-Treiber. Bitte „automatisch“ wählen oder {0~}.',
  'There is no NVIDIA driver any more, with which the run began.':
    'Den NVIDIA-Treiber, mit dem der Lauf begann, gibt es nicht mehr.',
  'The card that the run began on is not there any more.': 'Die Karte, auf der der Lauf begann, ist nicht mehr da.',
  'WebGPU in software computes on the processor, some hundred times slower than TensorFlow does.':
    'WebGPU in Software rechnet auf dem Prozessor, etwa hundertmal langsamer als TensorFlow.',
  'There is nothing to compute with. {0}': 'Es gibt nichts, womit gerechnet werden könnte. {0~}',
  'This process computes on the NVIDIA GPU already: the processor needs another one.':
    'Dieser Prozess rechnet schon auf der NVIDIA-Grafikkarte: Der Prozessor braucht einen anderen.',
  'The library that reaches graphics cards (WebGPU) could not be loaded.':
    'Die Bibliothek für Grafikkarten (WebGPU) ließ sich nicht laden.',
  'a graphics card': 'eine Grafikkarte',
  'No graphics card was found that WebGPU can use. On Linux its Vulkan driver may be missing (`vulkaninfo` tells).':
    'Keine Grafikkarte gefunden, die WebGPU nutzen kann. Unter Linux fehlt vielleicht ihr Vulkan-Treiber (`vulkaninfo` sagt es).',
  'Dawn of webgpu {0}': 'Dawn aus webgpu {0!}',
}
