// A thread that makes pictures of a run's images again, so that neither planning a large input nor decoding holds up the program.
import { parentPort, workerData } from 'node:worker_threads'
import { z } from 'zod'
import { toWireError } from '#contract/errors.ts'
import { imagePlaceSchema } from '#contract/runs/images.ts'
import { runOptionsSchema } from '#contract/runs/run-options.ts'
import { PictureMaker } from '#session/tasks/picture-maker.ts'

const maker = new PictureMaker(z.string().parse(workerData))
const orderSchema = z.strictObject({
  id: z.number(),
  options: runOptionsSchema,
  inputHash: z.string(),
  images: z.array(imagePlaceSchema),
  maxSide: z.number().nullable(),
})

parentPort?.on('message', (message: unknown) => {
  const { id, options, inputHash, images, maxSide } = orderSchema.parse(message)
  maker.make(options, inputHash, images, maxSide).then(
    (pictures) => parentPort?.postMessage({ id, pictures, error: null }),
    (thrown: unknown) => parentPort?.postMessage({ id, pictures: null, error: toWireError(thrown) }),
  )
})
