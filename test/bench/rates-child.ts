// GFLOP/s of convolutions on the device that is named: one JSON document.
import { deviceChoiceSchema } from '#contract/devices.ts'
import { openDevice } from '#engine/compute/open-device.ts'
import { machineSources } from '#session/core/session-device.ts'
import { measureRates } from './convolution-rates.ts'

const choice = deviceChoiceSchema.parse(process.argv[2])
const { device } = await openDevice({ choice, prefer: null, without: [] }, await machineSources())
process.stdout.write(JSON.stringify(await measureRates(device)), () => process.exit(0))
