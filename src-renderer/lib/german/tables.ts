// The tables of what the program says in German, one for each room of src-main.
import { contract } from './contract.ts'
import { data } from './data.ts'
import { devices } from './devices.ts'
import { inputs } from './inputs.ts'
import { lab } from './lab.ts'
import { methods } from './methods.ts'
import { models } from './models.ts'
import { networks, predicates } from './networks.ts'
import { program } from './program.ts'
import { services } from './services.ts'
import { session, store } from './session.ts'
import type { Rows } from './translator.ts'
import { updates } from './updates.ts'
import { validator } from './validator.ts'

export { predicates }
export const tables: readonly Rows[] = [
  program,
  contract,
  methods,
  devices,
  networks,
  models,
  services,
  lab,
  session,
  store,
  inputs,
  data,
  updates,
  validator,
]
