// What may be typed after `npm start` for the app in a browser.
import { parseArgs } from 'node:util'

export const webHelp = `PALM Studio in a browser

  --port N     serve on this port (default: 7256, or the next that is free)
  --data DIR   where runs are kept (default: PALM_DATA, else the system's place)
  --allow DIR  let the page open this folder, too (again for more): it may open your home folder, the folder that this was started in, and drives
  --tab        open it in a tab of the browser, also where a window of its own could be had
  --no-open    do not open a browser
  --no-demo    do not run the sample by itself on the first launch
  --no-tour    show no newcomer around
  --help       show this help
`

export interface WebArguments {
  readonly port: number | null
  readonly data: string | null
  readonly allow: readonly string[]
  readonly open: boolean
  readonly tab: boolean
  readonly demo: boolean
  readonly tour: boolean
}

/** Throws with a sentence for whoever typed it. */
export function webArguments(args: readonly string[]): WebArguments | 'help' {
  const { values } = parseArgs({
    args: [...args],
    options: {
      port: { type: 'string' },
      data: { type: 'string' },
      allow: { type: 'string', multiple: true },
      'no-open': { type: 'boolean' },
      tab: { type: 'boolean' },
      'no-demo': { type: 'boolean' },
      'no-tour': { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    },
  })
  if (values.help) return 'help'
  const port = values.port === undefined ? null : Number(values.port)
  if (port !== null && !(Number.isInteger(port) && port >= 1 && port <= 65_535))
    throw new Error(`--port needs a number from 1 to 65535, not '${values.port}'`)
  return {
    port,
    data: values.data ?? null,
    allow: values.allow ?? [],
    open: !values['no-open'],
    tab: values.tab ?? false,
    demo: !values['no-demo'],
    tour: !values['no-tour'],
  }
}
