// What hosts, the connection, the data folder and the log say (src-main/app), in German. Left the English, right the German: see translator.ts for the holes.
import type { Rows } from './translator.ts'

export const program: Rows = {
  // hosts
  'Choose it with the button beside the field, or drop it on the window.':
    'Bitte mit der Schaltfläche neben dem Feld auswählen oder auf dem Fenster ablegen.',
  '{0} could not be opened: {1}': '{0} ließ sich nicht öffnen: {1}',
  'PALM Studio cannot start': 'PALM Studio kann nicht starten',
  'A page may open your home folder (nothing hidden in it), the folder that PALM Studio was started in, and drives. To let it open another folder, start with --allow FOLDER.':
    'Eine Seite darf den persönlichen Ordner öffnen (nichts Verborgenes darin), den Ordner, in dem PALM Studio gestartet wurde, und Laufwerke. Für einen weiteren Ordner mit --allow ORDNER starten.',
  'A browser cannot show this machine’s folders: type the path.':
    'Ein Browser kann die Ordner dieses Rechners nicht zeigen: bitte den Pfad eintippen.',

  // connection
  "What '{0}' sent does not fit its schema.": 'Was „{0}“ geschickt hat, passt nicht zu seinem Schema.',
  'The connection to the program is gone ({0}).': 'Die Verbindung zum Programm ist abgebrochen ({0~}).',
  'The connection to the program is gone (closed).': 'Die Verbindung zum Programm ist geschlossen.',
  'The program sent an answer that is not understood.': 'Das Programm hat eine unverständliche Antwort geschickt.',
  'The answer to {0} does not fit its schema.': 'Die Antwort auf {0} passt nicht zu ihrem Schema.',
  'its header has no {0}': 'in ihrem Kopf fehlt {0}',
  'it has {0} bytes after its header, which announces {1}':
    'auf ihren Kopf folgen {0} Byte, angekündigt sind darin {1}',
  'it has {0} bytes, more than {1}': 'sie hat {0} Byte, mehr als {1}',
  'it is too short for a header': 'sie ist zu kurz für einen Kopf',
  'its header cannot have {0} bytes': 'ihr Kopf kann nicht {0} Byte haben',
  'more arrived than anybody listens to': 'es kam mehr an, als abgenommen wurde',
  'closed on this side': 'auf dieser Seite geschlossen',
  'closed by the other side': 'von der anderen Seite geschlossen',
  'A page sent a message that is not a request of this program.':
    'Eine Seite hat eine Nachricht geschickt, die keine Anfrage an dieses Programm ist.',
  'This message is not a request of this program.': 'Diese Nachricht ist keine Anfrage an dieses Programm.',
  'A page did not understand a message of this program.':
    'Eine Seite hat eine Nachricht dieses Programms nicht verstanden.',
  'The program is closing.': 'Das Programm wird gerade beendet.',
  "There is no method '{0}'.": 'Es gibt keinen Aufruf „{0}“.',
  "{0} takes no bytes as '{1}'.": '{0} nimmt als „{1}“ keine Bytes.',
  'The request to {0} does not fit: {1}.': 'Die Anfrage an {0} passt nicht: {1~}.',
  "There is no subscription '{0}'.": 'Es gibt kein Abonnement „{0}“.',
  'The subscription to {0} does not fit: {1}.': 'Das Abonnement von {0} passt nicht: {1~}.',
  'This page asks for too much at once. Wait for some answers.':
    'Diese Seite fragt zu viel auf einmal. Bitte erst einige Antworten abwarten.',
  'This page has {0} subscriptions open already.': 'Diese Seite hat schon {0} Abonnements offen.',
  'Subscription {0} is open already.': 'Das Abonnement {0} ist schon offen.',

  // data folder
  'Give the full path of the folder.': 'Bitte den ganzen Pfad des Ordners angeben.',
  'That place does not exist.': 'Diesen Ort gibt es nicht.',
  'That is the data folder already.': 'Das ist schon der Datenordner.',
  'That folder is inside the data folder. Choose one outside of it.':
    'Dieser Ordner liegt im Datenordner. Bitte einen außerhalb wählen.',
  'The data folder is inside that folder. Choose an empty folder.':
    'Der Datenordner liegt in diesem Ordner. Bitte einen leeren Ordner wählen.',
  'That is a file. Choose an empty folder, or one that does not exist yet.':
    'Das ist eine Datei. Bitte einen leeren Ordner wählen oder einen, den es noch nicht gibt.',
  'That folder cannot be read.': 'Dieser Ordner lässt sich nicht lesen.',
  'That folder is not empty. Choose an empty one, or one that does not exist yet.':
    'Dieser Ordner ist nicht leer. Bitte einen leeren wählen oder einen, den es noch nicht gibt.',
  'Nothing can be written in {0} ({1}).': 'In {0} lässt sich nichts schreiben ({1}).',
  'There is too little space: {0} is needed, {1} is free.':
    'Der Platz reicht nicht: {0} werden gebraucht, {1} sind frei.',
  '{0} MiB': '{0} MiB',
  '{0} should say where the data folder was moved to, and cannot be read. Put {"folder": "/the/new/folder"} into it, or delete it to start afresh in {1}.':
    '{0} soll sagen, wohin der Datenordner umgezogen ist, und lässt sich nicht lesen. Bitte {"folder": "/der/neue/Ordner"} hineinschreiben oder die Datei löschen, um in {1} von vorn zu beginnen.',
  'The data folder was moved to {0}, and there is no database there now. Connect the disk that it is on and start again. To start afresh in {1}, delete {2}.':
    'Der Datenordner ist nach {0} umgezogen, und dort ist jetzt keine Datenbank. Bitte die Platte anschließen, auf der er liegt, und noch einmal starten. Um in {1} von vorn zu beginnen, {2} löschen.',
  'The data folder {0} cannot be written. Choose another one with --data DIR or PALM_DATA.':
    'In den Datenordner {0} lässt sich nicht schreiben. Bitte mit --data ORDNER oder PALM_DATA einen anderen wählen.',
  'The old data folder was deleted after the move.': 'Der alte Datenordner wurde nach dem Umzug gelöscht.',
  'The data folder is being copied to its new place.': 'Der Datenordner wird an seinen neuen Ort kopiert.',
  'The move of the data folder was cancelled.': 'Der Umzug des Datenordners wurde abgebrochen.',
  'The copy of {0} has {1} bytes instead of {2}. Nothing was changed.':
    'Die Kopie von {0} hat {1} Byte statt {2}. Nichts wurde geändert.',
  'Run {0} was started by another window or command in the meantime. Nothing was changed: move when it is over.':
    'Lauf {0} wurde inzwischen von einem anderen Fenster oder Befehl gestartet. Nichts wurde geändert: bitte umziehen, wenn er zu Ende ist.',
  'The folder of the last move is still there: first say whether it should be deleted or kept.':
    'Der Ordner des letzten Umzugs ist noch da: bitte zuerst sagen, ob er gelöscht oder behalten werden soll.',
  'The data folder is being moved already.': 'Der Datenordner zieht gerade schon um.',
  'The data folder is being moved. Wait for its end, or cancel the move in the settings.':
    'Der Datenordner zieht gerade um. Bitte das Ende abwarten oder den Umzug in den Einstellungen abbrechen.',
  'Run {0} is under way: shrink the file when it is over.':
    'Lauf {0} ist im Gange: bitte die Datei verkleinern, wenn er zu Ende ist.',
  'The file is being shrunk already.': 'Die Datei wird gerade schon verkleinert.',

  // uploads
  'This upload has ended: start it again.': 'Diese Übertragung ist zu Ende: bitte noch einmal beginnen.',
  '{0} uploads are under way already. Wait until one has ended, or call one off.':
    'Es laufen schon {0} Übertragungen. Bitte warten, bis eine fertig ist, oder eine abbrechen.',
  'There is not enough room on the disk of the data folder for a copy. Type the path instead: the program reads the files in place.':
    'Auf der Platte des Datenordners ist nicht genug Platz für eine Kopie. Bitte stattdessen den Pfad eintippen: Das Programm liest die Dateien an Ort und Stelle.',
  'A piece of {0} came out of order.': 'Ein Stück von {0} kam außer der Reihe.',
  'More data arrived than was announced.': 'Es kamen mehr Daten an, als angekündigt waren.',
  'This window may not open {0}. {1}': 'Dieses Fenster darf {0} nicht öffnen. {1~}',

  // machine
  '{0} computes other numbers than the processor ({1}) and is not used until its driver or this program changes.':
    '{0~} liefert andere Zahlen als der Prozessor ({1~}) und wird nicht benutzt, bis sich der Treiber oder dieses Programm ändert.',
  'Run `npm start` once: it supplies the native TensorFlow library. PALM_LIBTENSORFLOW=/path uses one that you have.':
    '`npm start` einmal ausführen: Das beschafft die native TensorFlow-Bibliothek. PALM_LIBTENSORFLOW=/Pfad benutzt eine vorhandene.',
  'There is no graphics card that WebGPU can use and no TensorFlow: runs are computed by WebGPU in software, a hundred times slower than TensorFlow on the processor.':
    'Es gibt keine Grafikkarte für WebGPU und kein TensorFlow: Läufe rechnet WebGPU in Software, hundertmal langsamer als TensorFlow auf dem Prozessor.',
  'The device ({0}) computes other numbers than the processor: {1}.':
    'Das Gerät ({0~}) liefert andere Zahlen als der Prozessor: {1~}.',
  'Numbers of this machine cannot be trusted. Run `npm start` (it repairs the set-up) and try again.':
    'Den Zahlen dieses Rechners ist nicht zu trauen. Bitte `npm start` ausführen (das repariert die Einrichtung) und es noch einmal versuchen.',
  'It is not used where the device is chosen automatically: runs go to what is left. A new driver or library gets another try.':
    'Wo das Gerät automatisch gewählt wird, bleibt es außen vor: Läufe rechnen auf dem, was übrig ist. Ein anderer Treiber oder eine andere Bibliothek wird wieder versucht.',
  'What computes could not be tried: the process that loads TensorFlow’s library and opens the graphics card ended without an answer.':
    'Was rechnen kann, ließ sich nicht prüfen: Der Prozess, der die TensorFlow-Bibliothek lädt und die Grafikkarte öffnet, endete ohne Antwort.',
  'Node {0} is too old ({1} or newer is needed).': 'Node {0!} ist zu alt ({1!} oder neuer wird gebraucht).',
  'Start with `npm start`: it fetches a newer Node for this program alone.':
    'Mit `npm start` starten: Das holt ein neueres Node nur für dieses Programm.',
  'This machine has {0} GiB of memory.': 'Dieser Rechner hat {0} GiB Arbeitsspeicher.',
  'Use small batches (--batch 50) and fewer lanes.': 'Kleine Batches (--batch 50) und weniger Methoden wählen.',
  'Choose another folder with --data DIR or PALM_DATA.':
    'Mit --data ORDNER oder PALM_DATA einen anderen Ordner wählen.',
  'as installed with the package': 'wie mit dem Paket installiert',
  'There is no file manager to open it with here. The path can be copied.':
    'Hier gibt es keinen Dateimanager zum Öffnen. Der Pfad lässt sich kopieren.',
  'That setting does not fit: {0}, {1}.': 'Diese Einstellung passt nicht: {0~}, {1~}.',
  'unknown name': 'unbekannter Name',

  // log
  'A message “{0}” was refused: {1}': 'Eine Nachricht „{0}“ wurde abgelehnt: {1~}',
  'A message “without a type” was refused: {0}': 'Eine Nachricht ohne Art wurde abgelehnt: {0~}',
  'A session process ended (exit code {0}, signal {1}).': 'Ein Rechenprozess ist beendet (Exit-Code {0}, Signal {1}).',
  'A session process ended (exit code {0}, signal none).':
    'Ein Rechenprozess ist beendet (Exit-Code {0}, kein Signal).',
  'A session process ended (exit code none, signal {0}).':
    'Ein Rechenprozess ist beendet (kein Exit-Code, Signal {0}).',
  'A session process ended (exit code none, signal none).':
    'Ein Rechenprozess ist beendet (kein Exit-Code, kein Signal).',
  'The labels do not fit (what is wrong with them is not written here).':
    'Die Labels passen nicht (was an ihnen falsch ist, wird hier nicht vermerkt).',
  'Run {0}: {1}, step {2} of {3}.': 'Lauf {0}: {1~}, Schritt {2} von {3}.',
  'Run {0}: {1}.': 'Lauf {0}: {1~}.',
  queued: 'wartet',
  starting: 'startet',
  running: 'läuft',
  paused: 'angehalten',
  stopping: 'wird beendet',
  stopped: 'beendet',
  done: 'fertig',
  failed: 'fehlgeschlagen',
  interrupted: 'unterbrochen',
  'methods: {0}': 'Methoden: {0}',
  'Changed: {0}.': 'Geändert: {0}.',
  'PALM Studio {0} ({1}) opened.': 'PALM Studio {0!} ({1}) ist geöffnet.',
  'Node {0}, {1} {2}': 'Node {0!}, {1} {2!}',

  'PALM Studio is open for this data folder in another program already (process {0}).':
    'PALM Studio ist für diesen Datenordner schon in einem anderen Programm geöffnet (Prozess {0!}).',
  '{0} Close it first.': '{0~} Bitte zuerst dort schließen.',
  '{0} holds a copy of a data folder that was not finished. The data is where it was before: use that folder. To use this one, move the data there again, or delete what is in it.':
    '{0} enthält eine unfertige Kopie eines Datenordners. Die Daten liegen, wo sie vorher waren: bitte jenen Ordner nehmen. Um diesen zu nehmen, die Daten noch einmal dorthin umziehen oder seinen Inhalt löschen.',
  'The disk of the data folder is full. Free some space and try again, or type the path instead: the program reads the files in place.':
    'Die Platte des Datenordners ist voll. Bitte Platz schaffen und noch einmal versuchen oder stattdessen den Pfad eintippen: Das Programm liest die Dateien an Ort und Stelle.',
}
