// The process of a run, or of a task on its files.
import { parentChannel } from '#app/hosts/parent-channel.ts'
import { version } from '#app/wiring/version.ts'
import { serveSession } from '#session/session-process.ts'

serveSession(parentChannel(), version())
