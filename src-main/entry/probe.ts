// A short-lived process that measures the machine, says in one message what it found, and goes.
import { parentChannel } from '#app/hosts/parent-channel.ts'
import { probeDevice } from '#session/tasks/probe-device.ts'

parentChannel().sendLast(await probeDevice())
