// A webcam's or a video's frames: what is sent with each, what comes back, and what can be changed while they run. One frame is on its way at a time:
// the window sends the newest when the last one is answered, so that nothing is ever queued.
import { z } from 'zod'
import { corruptionNameSchema, severitySchema } from './inputs/corruption.ts'
import { methodIds } from './methods/method-info.ts'
import { descriptorOf } from './methods/methods.ts'

const count = z.number().int().nonnegative()
const probability = z.number().min(0).max(1)

/** Methods that can say something of a single frame; the others need whole batches. */
export const webcamMethods = methodIds.filter((method) => descriptorOf(method).webcam)

const largestSide = 1024

/** The most bytes that the pixels of one picture have: 1024 x 1024 x RGB. */
export const mostPixelBytes = largestSide * largestSide * 3

/** RGB bytes, row by row. They travel as bytes, never as text: `bytes` of the row in `apiMethods`. */
const pixelsSchema = z.custom<Uint8Array>(
  (value) => value instanceof Uint8Array && value.length <= mostPixelBytes,
  'not bytes, or more than 3 MiB of them',
)

export const webcamFrameSchema = z
  .strictObject({
    run: z.number().int().positive(),
    /** Sides of the model's input; the window has cut and scaled the picture. */
    width: z.number().int().min(8).max(largestSide),
    height: z.number().int().min(8).max(largestSide),
    pixels: pixelsSchema,
    /** What is truly in view, by the user's word; null = not said. */
    truth: count.nullable().default(null),
    /** Asks for this picture under another corruption too, only to be looked at (the buttons of the stage). */
    sketch: z.strictObject({ corruption: corruptionNameSchema, severity: severitySchema }).nullable().default(null),
  })
  .superRefine(({ width, height, pixels }, context) => {
    const expected = width * height * 3
    if (pixels.length === expected) return
    const message = `The frame has ${pixels.length} bytes, and ${width} x ${height} pixels have ${expected}`
    context.addIssue({ code: 'custom', path: ['pixels'], message })
  })
export type WebcamFrame = z.output<typeof webcamFrameSchema>

const classPredictionSchema = z.object({ index: count, probability })
/** A class and how likely it is held. */
export type ClassPrediction = z.output<typeof classPredictionSchema>

export const webcamAnswerSchema = z.object({
  /** 0-based, of this run. */
  frame: count,
  /** As the models saw it; null = as it was sent. */
  corrupted: pixelsSchema.nullable(),
  /** The sketch that was asked for. */
  sketch: pixelsSchema.nullable().default(null),
  /** Most likely classes first, at most five; `adapted` from before this frame adapts anything. */
  unadapted: z.array(classPredictionSchema),
  adapted: z.array(classPredictionSchema),
  /** Frames whose truth was said, and how many of them each got right. */
  truth: z.object({ labelled: count, unadapted: count, adapted: count }),
  /** Frames in the sliding window now, and how many it holds when full. */
  window: z.object({ frames: count, size: count }),
  /** Adaptation steps so far. */
  steps: count,
  corruptMs: z.number().nonnegative(),
  predictMs: z.number().nonnegative(),
  /** Of the last adaptation step since the answer before; null = none. */
  adaptMs: z.number().nonnegative().nullable(),
})
export type WebcamAnswer = z.output<typeof webcamAnswerSchema>

export const webcamSettingsSchema = z.strictObject({
  corruption: corruptionNameSchema.nullable(),
  severity: severitySchema,
  /** The same random numbers for every frame, so that noise does not flash. */
  heldNoise: z.boolean(),
  /** false = the weights stay as they are. */
  adapting: z.boolean(),
  /**
   * Share of the window's batch-norm statistics in what a frame is normalised with, from the next step on; the rest is the source's. Neighbouring frames
   * show the same thing, and the whole window's statistics take just that thing away: docs/guide/webcam.md has the measurement.
   */
  statisticsShare: z.number().min(0).max(1),
})
export type WebcamSettings = z.output<typeof webcamSettingsSchema>

/** On two CPU cores a PALM step of EfficientNet-Lite0 takes 0.7 s on 4 frames and 1.2 s on 8; answers wait for it. */
export const webcamDefaults: WebcamSettings & { readonly window: number; readonly spacingMs: number } = {
  corruption: null,
  severity: 3,
  heldNoise: true,
  adapting: true,
  statisticsShare: 0.1,
  window: 4,
  spacingMs: 250,
}

export const webcamActions = ['reset', 'snapshot'] as const
export const webcamControlSchema = z.strictObject({
  run: z.number().int().positive(),
  settings: webcamSettingsSchema.partial().default({}),
  /** `reset`: weights and all that the method learned back to the model's. `snapshot`: a checkpoint now, which can be exported. */
  action: z.enum(webcamActions).nullable().default(null),
})
export type WebcamControl = z.output<typeof webcamControlSchema>

/** Of the stage, for whoever looks after the stand. */
export const stageSettingsSchema = z.strictObject({
  /** Seconds without a touch or a key until it plays by itself; 0 = never. */
  attractSeconds: z.number().int().min(0).max(3600).default(60),
  /** Minutes without a touch or a key until weights, corruption and counts go back; 0 = never. */
  resetMinutes: z.number().int().min(0).max(600).default(3),
  /** Seconds that each scene stays while it plays by itself. */
  sceneSeconds: z.number().int().min(3).max(120).default(14),
  /** Curve and blocks of layers beside the answers. */
  details: z.boolean().default(true),
})
export type StageSettings = z.output<typeof stageSettingsSchema>
export const stageDefaults: StageSettings = stageSettingsSchema.parse({})
