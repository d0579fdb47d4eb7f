// Vision transformers with a class token (Dosovitskiy et al., ICLR 2021), torchvision's or timm's names. A head is 64 wide, as in all of the paper's and
// DeiT's models: shapes alone do not say it. The input size is what the position embedding was made for.
import { PalmError } from '#contract/errors.ts'
import type { Architecture } from '#engine/models/model.ts'
import { imagenetNormalization } from '#engine/models/normalization.ts'
import { ShapedBuilder, type RecognizeHints, type Shapes } from '#engine/models/shaped-builder.ts'

const epsilon = 1e-6
const headWidth = 64

export function visionTransformer(shapes: Shapes, fileName: string, hints: RecognizeHints): Architecture | null {
  const timm = shapes.has('blocks.0.attn.qkv.weight') && shapes.has('cls_token')
  if (!timm && !shapes.has('encoder.layers.encoder_layer_0.self_attention.in_proj_weight')) return null
  const b = new ShapedBuilder(shapes, fileName)
  const normalization =
    hints.normalization ?? (timm ? { mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] } : imagenetNormalization)
  const embed = timm ? 'patch_embed.proj' : 'conv_proj'
  const position = timm ? 'pos_embed' : 'encoder.pos_embedding'
  const patch = b.dimension(`${embed}.weight`, 2)
  const width = b.dimension(`${embed}.weight`, 0)
  const tokens = b.dimension(position, 1)
  const side = Math.sqrt(tokens - 1) * patch
  if (!Number.isInteger(side) || width % headWidth !== 0)
    throw new PalmError(
      'model-unsupported',
      `${fileName}: a transformer of width ${width} with ${tokens} tokens is not of a kind that is known here.`,
    )
  let x = b.convolve(b.start(normalization), embed, { stride: patch, padding: 0 })
  x = b.withParameter('to-tokens', 'tokens', x, 'token', timm ? 'cls_token' : 'class_token')
  x = b.withParameter('add', 'positions', x, 'bias', position)
  b.end(x, patch)
  const prefixOf = (i: number) => (timm ? `blocks.${i}` : `encoder.layers.encoder_layer_${i}`)
  const names = timm
    ? { norm1: 'norm1', norm2: 'norm2', out: 'attn.proj' }
    : { norm1: 'ln_1', norm2: 'ln_2', out: 'self_attention.out_proj' }
  let layers = 0
  for (; b.has(`${prefixOf(layers)}.${names.norm1}.weight`); layers++) {
    const prefix = prefixOf(layers)
    b.block = timm ? prefix : `layer${layers}`
    const mlp = timm
      ? (['mlp.fc1', 'mlp.fc2'] as const)
      : b.has(`${prefix}.mlp.0.weight`)
        ? (['mlp.0', 'mlp.3'] as const)
        : (['mlp.linear_1', 'mlp.linear_2'] as const)
    const seen = b.layerNorm(x, `${prefix}.${names.norm1}`, epsilon)
    const qkv = timm
      ? b.dense(seen, `${prefix}.attn.qkv`, b.block)
      : b.pushLinear(
          seen,
          `${prefix}.in_proj`,
          `${prefix}.self_attention.in_proj_weight`,
          `${prefix}.self_attention.in_proj_bias`,
          [3 * width, width],
          b.block,
        )
    const mixed = b.know(b.apply('attention', qkv, { heads: width / headWidth }), width)
    x = b.sum(x, b.dense(mixed, `${prefix}.${names.out}`, b.block))
    const hidden = b.keep(
      'gelu',
      b.dense(b.layerNorm(x, `${prefix}.${names.norm2}`, epsilon), `${prefix}.${mlp[0]}`, b.block),
    )
    x = b.end(b.sum(x, b.dense(hidden, `${prefix}.${mlp[1]}`, b.block)), 1)
  }
  b.block = 'head'
  // The norm works on each token alone, so that only the one that is read needs it.
  const one = b.know(b.apply('take-token', x, { index: 0 }), width)
  const { features, output } = b.head(
    b.layerNorm(one, timm ? 'norm' : 'encoder.ln', epsilon),
    timm ? 'head' : 'heads.head',
  )
  const size =
    ({ 192: 'tiny', 384: 'small', 768: 'base', 1024: 'large' } as Record<number, string>)[width] ?? `w${width}`
  return b.finish(`vit-${size}-${patch}`, features, output, {
    inputSize: { width: side, height: side },
    normalization,
    resize: 256 / 224,
  })
}
