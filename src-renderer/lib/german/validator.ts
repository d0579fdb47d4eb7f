// What the validator (zod) says of a value that does not fit, in German. The test makes zod say each. See translator.ts for the holes.
import type { Rows } from './translator.ts'

export const validator: Rows = {
  'Invalid input': 'Ungültige Eingabe',
  'Invalid input: expected {0}, received {1}': 'Ungültig: erwartet {0~}, erhalten {1~}',
  'Invalid input: expected {0}': 'Ungültig: erwartet {0~}',
  'Invalid option: expected one of {0}': 'Ungültig: erwartet eines von {0}',
  'Too small: expected number to be >{0}': 'Zu klein: muss größer als {0} sein',
  'Too small: expected number to be >={0}': 'Zu klein: muss mindestens {0} sein',
  'Too big: expected number to be <{0}': 'Zu groß: muss kleiner als {0} sein',
  'Too big: expected number to be <={0}': 'Zu groß: darf höchstens {0} sein',
  'Too small: expected string to have >={0} characters': 'Zu kurz: mindestens {0} Zeichen',
  'Too big: expected string to have <={0} characters': 'Zu lang: höchstens {0} Zeichen',
  'Too small: expected array to have >={0} items': 'Zu wenige: mindestens {0}',
  'Too big: expected array to have <={0} items': 'Zu viele: höchstens {0}',
  'Unrecognized key: {0}': 'Unbekannter Schlüssel: {0}',
  'Unrecognized keys: {0}': 'Unbekannte Schlüssel: {0}',
  'Invalid string: must match pattern {0}': 'Ungültiger Text: muss dem Muster {0} entsprechen',
  number: 'Zahl',
  int: 'ganze Zahl',
  string: 'Text',
  boolean: 'Ja oder Nein',
  array: 'Liste',
  object: 'Objekt',
  undefined: 'nichts',
  null: 'null',
  NaN: 'keine Zahl',
}
