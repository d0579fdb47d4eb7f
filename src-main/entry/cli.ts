// The command `palm` in a Node process.
import { palm } from '#cli/main.ts'

// A reader that goes away early (`palm runs | head`) is no fault.
process.stdout.on('error', () => undefined)

process.exitCode = await palm(process.argv.slice(2))
