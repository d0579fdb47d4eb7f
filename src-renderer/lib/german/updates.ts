// What the program says of newer versions of itself, in German. See translator.ts for the holes.
import type { Rows } from './translator.ts'

export const updates: Rows = {
  'The server with the updates does not answer. Is this machine online? Try again later.':
    'Der Server mit den Aktualisierungen antwortet nicht. Ist dieser Rechner online? Bitte später noch einmal versuchen.',
  'What came is not the file that the server’s list names: its checksum differs. It was thrown away. Try again; if it happens again, tell whoever made this package.':
    'Was kam, ist nicht die Datei, die die Liste des Servers nennt: Die Prüfsumme weicht ab. Sie wurde verworfen. Bitte noch einmal versuchen; geschieht es wieder, bitte denen sagen, die dieses Paket gemacht haben.',
  'The new version is not signed by whoever signed this one. It was not installed. Tell whoever made this package.':
    'Die neue Version ist nicht von denen signiert, die diese signiert haben. Sie wurde nicht installiert. Bitte denen sagen, die dieses Paket gemacht haben.',
  'The server with the updates did not prove who it is (its certificate). Nothing was read from it.':
    'Der Server mit den Aktualisierungen hat nicht bewiesen, wer er ist (sein Zertifikat). Von ihm wurde nichts gelesen.',
  'The server with the updates has none for this system. Try again later.':
    'Der Server mit den Aktualisierungen hat keine für dieses System. Bitte später noch einmal versuchen.',
  'The server does not have the file that its list names. Try again later.':
    'Der Server hat die Datei nicht, die seine Liste nennt. Bitte später noch einmal versuchen.',
  'The new version could not be written to the disk. Is it read-only?':
    'Die neue Version ließ sich nicht auf den Datenträger schreiben. Ist er schreibgeschützt?',
  'The new version could not be fetched.': 'Die neue Version ließ sich nicht laden.',
  'What the server says of the newest version cannot be read. Nothing was fetched. Tell whoever made this package.':
    'Was der Server von der neuesten Version sagt, ist nicht lesbar. Nichts wurde geladen. Bitte denen sagen, die dieses Paket gemacht haben.',
  'Nothing came for too long.': 'Zu lange kam nichts.',
  'It leads on and on.': 'Er leitet immer weiter.',
  'The update was cancelled.': 'Die Aktualisierung wurde abgebrochen.',
  'The address for updates leads to a place without https. Nothing was read from there.':
    'Die Adresse für Aktualisierungen führt zu einem Ort ohne https. Von dort wurde nichts gelesen.',
  'The server with the updates sends more than it says. Nothing was kept.':
    'Der Server mit den Aktualisierungen sendet mehr, als er sagt. Nichts wurde behalten.',
  'This program runs from its checkout: fetch the newer sources with git, and npm start sets up what is new.':
    'Dieses Programm läuft aus seinen Quellen: Neuere holt git, und npm start richtet ein, was neu ist.',
  'In a browser the program runs from its checkout or package: fetch the newer one with git or npm, and start it again.':
    'Im Browser läuft das Programm aus seinen Quellen oder seinem Paket: Das neuere mit git oder npm holen und es neu starten.',
  'This package was built without an address for updates. Install a newer package over it, from where this one came.':
    'Dieses Paket wurde ohne eine Adresse für Aktualisierungen gebaut. Ein neueres Paket von dort, woher dieses kam, lässt sich darüber installieren.',
  'This copy was not started as an AppImage, so that nothing could be put in its place. Start the AppImage itself.':
    'Diese Kopie wurde nicht als AppImage gestartet, sodass nichts an ihre Stelle treten kann. Bitte das AppImage selbst starten.',
  'PALM Studio was not updated': 'PALM Studio wurde nicht aktualisiert',
  'There is too little room for the new version in {0}.': 'In {0} ist zu wenig Platz für die neue Version.',
  'It was installed as a .{0} package, which only the system replaces: fetch the newer one from where this one came, and install it in the same way.':
    'Es wurde als .{0}-Paket installiert, das nur das System ersetzt: das neuere von dort holen, woher dieses kam, und genauso installieren.',
  'The AppImage is no longer where it was started from, {0}. Put it back, or start it from its new place.':
    'Das AppImage ist nicht mehr, wo es gestartet wurde, {0}. Bitte zurücklegen oder am neuen Ort starten.',
  'You may not write to {0}, where the AppImage lies. Move it to a folder of yours, or replace it by hand.':
    'Nach {0}, wo das AppImage liegt, darfst du nicht schreiben. Bitte in einen eigenen Ordner verschieben oder von Hand ersetzen.',
  'The program runs from where it cannot be replaced. Move it to the folder Applications and start it there.':
    'Das Programm läuft dort, wo es sich nicht ersetzen lässt. Bitte in den Ordner „Programme“ verschieben und dort starten.',
  'What was under way before the update goes on.': 'Was vor der Aktualisierung im Gang war, geht weiter.',
  'Version {0} was found.': 'Version {0} wurde gefunden.',
  'This version is the newest.': 'Diese Version ist die neueste.',
  'Nothing newer was found: look first.': 'Nichts Neueres wurde gefunden: Bitte erst suchen.',
  'Version {0} was fetched and checked.': 'Version {0} wurde geladen und geprüft.',
  'Nothing was fetched that could be installed.': 'Es wurde nichts geladen, was sich installieren ließe.',
  'Version {0} is being installed.': 'Version {0} wird installiert.',
}
