// What is said of a lab's queue (src-main/app/services/lab, contract/sweeps/lab*), in German. See translator.ts for the holes.
import type { Rows } from './translator.ts'

export const lab: Rows = {
  // where it is
  '{0} is missing': '{0} fehlt',
  'has spaces in it': 'enthält Leerzeichen',
  'the server': 'der Server',
  'the user': 'der Benutzer',
  'is no name of a server, as lab-server or lab-server:5432':
    'ist kein Name eines Servers wie lab-server oder lab-server:5432',
  'is no certificate (a text that begins with -----BEGIN CERTIFICATE-----)':
    'ist kein Zertifikat (ein Text, der mit -----BEGIN CERTIFICATE----- beginnt)',
  'is no relative path': 'ist kein relativer Pfad',
  '{0} A queue is given as postgres://USER@SERVER/DATABASE.':
    '{0~} Eine Warteschlange wird als postgres://BENUTZER@SERVER/DATENBANK angegeben.',
  'No queue was named.': 'Es wurde keine Warteschlange genannt.',
  'That is no address of a queue.': 'Das ist keine Adresse einer Warteschlange.',
  'A queue lies on a PostgreSQL server.': 'Eine Warteschlange liegt auf einem PostgreSQL-Server.',
  'A password in a command can be read by other users of this machine. Leave it out of the address and give it in the environment variable PGPASSWORD, or the whole address in PALM_QUEUE.':
    'Ein Passwort in einem Befehl können andere Benutzer dieses Rechners lesen. Bitte in der Adresse weglassen und in der Umgebungsvariablen PGPASSWORD angeben oder die ganze Adresse in PALM_QUEUE.',
  'Nothing is known of “{0}” in an address.': '„{0}“ in einer Adresse ist unbekannt.',
  'sslmode is disable, require, verify-ca or verify-full, not “{0}”.':
    'sslmode ist disable, require, verify-ca oder verify-full, nicht „{0}“.',
  'The connection to {0} is not encrypted: others on the network can read it.':
    'Die Verbindung zu {0} ist nicht verschlüsselt: Andere im Netz können sie mitlesen.',
  'The certificate {0} cannot be read.': 'Das Zertifikat {0} lässt sich nicht lesen.',
  'There is no connection to a lab’s queue: connect first.':
    'Es gibt keine Verbindung zu einem Labor: bitte zuerst verbinden.',
  'Connected to the queue at {0}.': 'Verbunden mit der Warteschlange auf {0}.',

  // the password
  'In a browser the program has no key store: the password is kept for this session only, or comes from the environment (PALM_QUEUE with PGPASSWORD).':
    'Im Browser hat das Programm keinen Schlüsselspeicher: Das Passwort gilt nur für diese Sitzung oder kommt aus der Umgebung (PALM_QUEUE mit PGPASSWORD).',
  'This system has no key store that is open now: the password is kept for this session only.':
    'Dieses System hat keinen Schlüsselspeicher, der jetzt offen ist: Das Passwort gilt nur für diese Sitzung.',
  'No key ring (GNOME’s, KDE’s) runs on this desktop: the password is kept for this session only.':
    'Auf diesem Desktop läuft kein Schlüsselbund (von GNOME, von KDE): Das Passwort gilt nur für diese Sitzung.',

  // why it cannot be used
  'The queue at {0} cannot be used: no machine of that name is known here. Is it spelt right?':
    'Die Warteschlange auf {0} ist nicht benutzbar: Einen Rechner dieses Namens kennt man hier nicht. Ist er richtig geschrieben?',
  'The queue at {0} cannot be used: nobody answers there. Does the server run, is the port right, and does it listen to other machines (listen_addresses)?':
    'Die Warteschlange auf {0} ist nicht benutzbar: Dort antwortet niemand. Läuft der Server, stimmt der Port, und hört er auf andere Rechner (listen_addresses)?',
  'The queue at {0} cannot be used: the password is wrong, or none was given.':
    'Die Warteschlange auf {0} ist nicht benutzbar: Das Passwort ist falsch, oder es wurde keines angegeben.',
  'The queue at {0} cannot be used: the server does not let this user in from this machine. The server’s pg_hba.conf says who may come.':
    'Die Warteschlange auf {0} ist nicht benutzbar: Der Server lässt diesen Benutzer von diesem Rechner aus nicht ein. Wer darf, steht in der pg_hba.conf des Servers.',
  'The queue at {0} cannot be used: the server has no such database. On the server: createdb --owner USER DATABASE.':
    'Die Warteschlange auf {0} ist nicht benutzbar: Diese Datenbank hat der Server nicht. Auf dem Server: createdb --owner BENUTZER DATENBANK.',
  'The queue at {0} cannot be used: this user may not make tables in that database. Its owner may: createdb --owner USER DATABASE.':
    'Die Warteschlange auf {0} ist nicht benutzbar: Dieser Benutzer darf in dieser Datenbank keine Tabellen anlegen. Ihr Besitzer darf es: createdb --owner BENUTZER DATENBANK.',
  'The queue at {0} cannot be used: it has as many connections as it takes. Raise max_connections on the server, or stop some workers.':
    'Die Warteschlange auf {0} ist nicht benutzbar: Mehr Verbindungen nimmt sie nicht an. Bitte auf dem Server max_connections erhöhen oder einige Arbeiter beenden.',
  'The queue at {0} cannot be used: the server speaks no TLS. Switch it on there (ssl = on), or, in a network that you trust, ask for a connection without encryption.':
    'Die Warteschlange auf {0} ist nicht benutzbar: Der Server spricht kein TLS. Bitte dort einschalten (ssl = on) oder, in einem Netz, dem zu trauen ist, eine Verbindung ohne Verschlüsselung wählen.',
  'The queue at {0} cannot be used: the server’s certificate is for another name. Call the server as its certificate does, or make one with this name.':
    'Die Warteschlange auf {0} ist nicht benutzbar: Das Zertifikat des Servers gilt für einen anderen Namen. Bitte den Server so nennen wie sein Zertifikat oder eines mit diesem Namen ausstellen.',
  'The queue at {0} cannot be used: the server’s certificate is not valid today. Is the clock right? Else make a new one.':
    'Die Warteschlange auf {0} ist nicht benutzbar: Das Zertifikat des Servers gilt heute nicht. Stimmt die Uhr? Sonst bitte ein neues ausstellen.',
  'The queue at {0} cannot be used: the server’s certificate is not one that this machine trusts. Copy the server’s certificate here and name it.':
    'Die Warteschlange auf {0} ist nicht benutzbar: Dem Zertifikat des Servers traut dieser Rechner nicht. Bitte das Zertifikat des Servers hierher kopieren und angeben.',
  'The queue at {0} cannot be used: {1}. Does the server run, may this user write to that database, and is the password right?':
    'Die Warteschlange auf {0} ist nicht benutzbar: {1~}. Läuft der Server, darf dieser Benutzer in diese Datenbank schreiben, und stimmt das Passwort?',
  'The queue’s tables are of version {0}, this program knows {1}. Use one version of PALM Studio for all machines.':
    'Die Tabellen der Warteschlange haben die Version {0!}, dieses Programm kennt {1!}. Bitte auf allen Rechnern dieselbe Version von PALM Studio benutzen.',
  'The queue’s tables are of version unknown, this program knows {0}. Use one version of PALM Studio for all machines.':
    'Die Tabellen der Warteschlange haben eine unbekannte Version, dieses Programm kennt {0!}. Bitte auf allen Rechnern dieselbe Version von PALM Studio benutzen.',
  'The queue holds something that this program does not understand. Was it filled by another version?':
    'Die Warteschlange enthält etwas, das dieses Programm nicht versteht. Hat eine andere Version es hineingelegt?',
  'The queue does not answer: {0}': 'Die Warteschlange antwortet nicht: {0~}',
  'The queue’s connection has no transactions.': 'Die Verbindung zur Warteschlange hat keine Transaktionen.',

  // cells, files and results
  '{0}, seed {1}': '{0}, Seed {1}',
  '{0} had failed three times ({1}) and is tried again.':
    '{0~} war dreimal gescheitert ({1~}) und wird noch einmal versucht.',
  'A cell without contents.': 'Eine Zelle ohne Inhalte.',
  '“{0}” is too large to travel with the queue: each worker needs it in its --library.':
    '„{0}“ ist zu groß, um mit der Warteschlange zu reisen: Jeder Arbeiter braucht es in seiner --library.',
  'What {0} sent for “{1}” is not what was asked for. Nothing of it was taken.':
    'Was {0} für „{1}“ geschickt hat, ist nicht das Verlangte. Nichts davon wurde übernommen.',
  'The queue offers more files than a content may have.':
    'Die Warteschlange bietet mehr Dateien an, als ein Inhalt haben darf.',
  'The queue’s copy of {0} is missing or damaged.': 'Die Kopie von {0} in der Warteschlange fehlt oder ist beschädigt.',
  'What the queue holds of this cell was changed by somebody and cannot be read. Take the sweep out of the lab and put it in again.':
    'Was die Schlange von dieser Zelle enthält, hat jemand geändert; es lässt sich nicht lesen. Bitte den Sweep aus dem Labor nehmen und wieder hineingeben.',
  'The queue does not hold that cell any more: put its sweep in again.':
    'Die Warteschlange hat diese Zelle nicht mehr: bitte ihren Sweep noch einmal hineinlegen.',
  'The queue does not say what the stream of a cell is.':
    'Die Warteschlange sagt nicht, welcher Datenstrom zu einer Zelle gehört.',
  'The result has {0} bytes, more than a queue takes.':
    'Das Ergebnis hat {0} Byte, mehr, als eine Warteschlange aufnimmt.',
}
