// What the measuring process says of the native library and the machine, in its one message.
import { z } from 'zod'
import { deviceProofSchema } from './device-proof.ts'
import { offeredDeviceSchema, usedDeviceSchema } from './devices.ts'
import { wireErrorSchema } from './errors.ts'

/** One 3x3 convolution, forward and both gradients. */
export const deviceProbeSchema = z.discriminatedUnion('ok', [
  z.strictObject({
    ok: z.literal(true),
    /** What an automatic choice takes, or what was asked for; measured and compared. */
    device: usedDeviceSchema.omit({ from: true }),
    offers: z.array(offeredDeviceSchema),
    forwardGigaflops: z.number(),
    backwardGigaflops: z.number(),
    proof: deviceProofSchema,
  }),
  z.strictObject({ ok: z.literal(false), error: wireErrorSchema, offers: z.array(offeredDeviceSchema) }),
])
export type DeviceProbe = z.output<typeof deviceProbeSchema>
