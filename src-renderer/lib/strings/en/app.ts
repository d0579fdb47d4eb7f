// The window: header, notices, keys; and words that every screen has. In English.

export const app = {
  appName: 'PALM Studio',
  tagline: 'Watch a classifier adapt to a changing world, on this machine.',
  start: 'Start',
  startSample: 'Run the sample',
  newRun: 'New run…',
  pause: 'Pause',
  continue: 'Continue',
  stop: 'Stop',
  resume: 'Resume',
  theme: 'Theme',
  themes: { system: 'System', light: 'Light', dark: 'Dark' },
  connecting: 'Connecting…',
  lost: 'The connection to the program is gone. Trying again; nothing is lost.',
  nativeSettingUp:
    'The native TensorFlow library is being fetched and compiled (about 270 MB, once; a few minutes). Runs can start when it is there.',
  nativeMissing:
    'The native TensorFlow library is missing, so nothing can be computed. Run `npm start` again: it repairs the set-up and says what fails.',
  noRunTitle: 'No run yet',
  noRunText:
    'The bundled sample streams 2,000 satellite photographs through 15 corruptions and lets four methods compete. It takes a few minutes; curves move within seconds.',
  shortcuts: 'Keyboard shortcuts',
  spaceKey: 'Space',
  commands: {
    pause: 'Pause or continue the run',
    stop: 'Stop the run',
    newRun: 'New run',
    export: 'Export a checkpoint of the run',
    live: 'Go to: live run',
    history: 'Go to: history',
    sweeps: 'Go to: sweeps',
    models: 'Go to: models',
    webcam: 'Go to: webcam',
    help: 'Keyboard shortcuts',
  },
  /** Keys that belong to one place; those of the whole window are the commands'. */
  shortcutRows: [
    ['Ctrl Z', 'history: take back what was done last'],
    ['1 to 9, held', 'webcam: this class is in view'],
    ['F', 'webcam: full screen'],
    ['↑ ↓, ← →', 'webcam: corruption, severity'],
    ['Arrow keys', 'move the cursor in a chart that has the focus'],
  ],
  views: { live: 'Live', history: 'History', sweeps: 'Sweeps', models: 'Models', webcam: 'Webcam' },
  close: 'Close',
} as const
