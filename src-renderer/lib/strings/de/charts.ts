// Words that charts, formats and parsers of lists need, wherever they stand. In German.
import type { charts as english } from '#renderer/lib/strings/en/charts.ts'
import type { Words } from '#renderer/lib/strings/words.ts'

export const charts: Words<typeof english> = {
  run: 'Lauf',
  bytes: 'Byte',
  classOf: (index) => `Klasse ${index}`,
  camera: 'Kamera',
  cameraOf: (index) => `Kamera ${index}`,
  right: 'richtig',
  namesBroken:
    'Das beginnt wie JSON, ist aber keines. Einen Namen je Zeile angeben oder eine Liste wie ["Katze", "Hund"].',
  namesNoList: 'Das JSON soll eine Liste von Namen in der Reihenfolge der Ausgaben sein: ["Katze", "Hund"].',
  orderNeeded: 'Ein eigener Ablauf braucht eine Reihenfolge: eine Domäne je Zeile, etwa „fog 3“.',
  orderBroken: 'Die Reihenfolge beginnt wie JSON, ist aber keines: [{"corruption": "fog", "severity": 3}, …].',
  valuesNeeded: 'Die Werte der variierten Option angeben, durch Kommas getrennt.',
  noConnection: 'Es besteht keine Verbindung zum Programm.',
}
