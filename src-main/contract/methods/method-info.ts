// What is known of every method: its name, its paper, what it does and needs, and what of it is ours. Wherever a method's numbers are shown, so is
// the last.
import type { LaneOptions, MethodId } from './methods.ts'

export interface MethodInfo {
  readonly label: string
  readonly cite: string
  /** One plain sentence. */
  readonly does: string
  /**
   * Of the model: `batch-norm` (its statistics), `norm` (any norm layers with scale and shift), `weights` (convolutions or norm layers).
   * `source-images`: clean images of the kind the model was trained on, given with the run.
   */
  readonly needs: readonly ('batch-norm' | 'norm' | 'weights' | 'source-images' | 'labels-of-source')[]
  /** What is ours and not published; shown wherever the method's numbers are. */
  readonly ours: string | null
}

const statistics = ['batch-norm'] as const
const norm = ['norm'] as const
const weights = ['weights'] as const

/** In the order of the paper's tables, then what came since, PALM last. */
export const methodInfo: Readonly<Record<MethodId, MethodInfo>> = {
  source: {
    label: 'Source',
    cite: 'the unadapted model',
    does: 'Nothing adapts: the model as it was trained.',
    needs: [],
    ours: null,
  },
  norm: {
    label: 'BN-1',
    cite: 'Schneider et al., NeurIPS 2020',
    does: 'Normalises with each batch’s own statistics.',
    needs: statistics,
    ours: null,
  },
  'bn-alpha': {
    label: 'BN-alpha',
    cite: 'Schneider et al., NeurIPS 2020',
    does: 'Normalises with a mixture of the source’s and the batch’s statistics; for small batches.',
    needs: statistics,
    ours: null,
  },
  tent: {
    label: 'TENT',
    cite: 'Wang et al., ICLR 2021 (continual: never reset)',
    does: 'Lowers the predictions’ entropy by moving the norm layers’ scale and shift.',
    needs: norm,
    ours: null,
  },
  cotta: {
    label: 'CoTTA',
    cite: 'Wang et al., CVPR 2022',
    does: 'A student learns from its own moving average over many views; some weights go back to the source’s.',
    needs: weights,
    ours: null,
  },
  ecotta: {
    label: 'EcoTTA',
    cite: 'Song et al., CVPR 2023',
    does: 'Small added networks adapt, held near the frozen ones; they are warmed up on labelled source images.',
    needs: ['batch-norm', 'source-images', 'labels-of-source'],
    ours: 'No official code exists: settings and details follow a public re-implementation; the cut of other networks than its own is ours.',
  },
  adacontrast: {
    label: 'AdaContrast',
    cite: 'Chen et al., CVPR 2022 (online form of the benchmark)',
    does: 'Contrastive learning with pseudo labels that remembered neighbours vote for. Scores after its step.',
    needs: norm,
    ours: 'The weak view’s crop is ours.',
  },
  surgical: {
    label: 'Surgical',
    cite: 'Lee et al., ICLR 2023 (continual form of PALM’s tables)',
    does: 'Only the first block adapts.',
    needs: weights,
    ours: null,
  },
  dss: {
    label: 'DSS (reconstructed)',
    cite: 'after Wang et al., WACV 2024',
    does: 'Learns towards sure pseudo labels and away from improbable ones; the threshold moves with the stream.',
    needs: weights,
    ours: 'No code and no full text was at hand: only the idea is DSS’s, the algorithm is ours. Not to be quoted as DSS.',
  },
  law: {
    label: 'LAW',
    cite: 'Park et al., WACV 2024',
    does: 'Learning rates per tensor from accumulated squared gradients of the likelihood.',
    needs: weights,
    ours: null,
  },
  autolr: {
    label: 'AutoLR (online form, ours)',
    cite: 'after Ro, Choi, AAAI 2021',
    does: 'Learning rates per block, steered so that deeper blocks move more.',
    needs: weights,
    ours: 'AutoLR is for supervised fine-tuning; this online form with TENT’s loss is ours.',
  },
  eata: {
    label: 'EATA',
    cite: 'Niu et al., ICML 2022',
    does: 'Entropy of sure samples that differ from what was seen, held near the source where the Fisher information says so.',
    needs: ['norm', 'source-images'],
    ours: null,
  },
  sar: {
    label: 'SAR',
    cite: 'Niu et al., ICLR 2023',
    does: 'Entropy of sure samples, minimised where it stays low around; starts anew when it collapses.',
    needs: norm,
    ours: 'The threshold for starting anew is scaled to the number of classes.',
  },
  rotta: {
    label: 'RoTTA',
    cite: 'Yuan et al., CVPR 2023',
    does: 'A memory balanced over classes, moving statistics and a teacher, for streams that are ordered by class.',
    needs: statistics,
    ours: null,
  },
  note: {
    label: 'NOTE',
    cite: 'Gong et al., NeurIPS 2022',
    does: 'Instance-aware normalisation and a balanced memory; predicts image by image.',
    needs: statistics,
    ours: 'Made for models trained with its own normalisation; on others it runs, but that is not what was published.',
  },
  rmt: {
    label: 'RMT',
    cite: 'Döbler et al., CVPR 2023',
    does: 'A mean teacher with a symmetric loss, contrast with source prototypes and replayed source images.',
    needs: ['norm', 'source-images', 'labels-of-source'],
    ours: 'Source images are replayed in one drawn order.',
  },
  rdumb: {
    label: 'RDumb',
    cite: 'Press et al., NeurIPS 2023',
    does: 'ETA that starts anew every so many batches.',
    needs: norm,
    ours: null,
  },
  lame: {
    label: 'LAME',
    cite: 'Boudiaf et al., CVPR 2022',
    does: 'No weight moves: the labels of a batch are assigned jointly.',
    needs: [],
    ours: null,
  },
  memo: {
    label: 'MEMO',
    cite: 'Zhang et al., NeurIPS 2022',
    does: 'Adapts to each image alone over many views, then forgets. Scores after its step.',
    needs: norm,
    ours: null,
  },
  deyo: {
    label: 'DeYO',
    cite: 'Lee et al., ICLR 2024',
    does: 'Entropy of sure samples whose prediction falls when their image is cut up.',
    needs: norm,
    ours: null,
  },
  santa: {
    label: 'SANTA',
    cite: 'Chakrabarty et al., TMLR 2023',
    does: 'Follows the source model where it is sure, with contrast to source prototypes.',
    needs: ['norm', 'source-images', 'labels-of-source'],
    ours: null,
  },
  cmf: {
    label: 'CMF',
    cite: 'Lee, Chang, ICLR 2024',
    does: 'ROID’s losses, drawn to a filtered average of the weights.',
    needs: norm,
    ours: null,
  },
  roid: {
    label: 'ROID',
    cite: 'Marsden et al., WACV 2024',
    does: 'A weighted likelihood ratio with consistency; weights drawn to the source’s, predictions corrected by a prior.',
    needs: norm,
    ours: null,
  },
  come: {
    label: 'COME (TENT)',
    cite: 'Zhang et al., ICLR 2025',
    does: 'TENT with the entropy of an opinion that may say “I do not know”.',
    needs: norm,
    ours: 'No published rate for CIFAR: TENT’s is used.',
  },
  palm: {
    label: 'PALM',
    cite: 'Maharana et al., AAAI 2025',
    does: 'Learning rates per tensor from the gradient of a divergence to the uniform distribution.',
    needs: weights,
    ours: null,
  },
}
export const methodIds = Object.keys(methodInfo) as readonly MethodId[]
/** What runs when nobody chose: the others cost many times as much, or belong to a comparison. */
export const usualMethods: readonly MethodId[] = ['source', 'norm', 'tent', 'palm']
export const methodLabels = Object.fromEntries(methodIds.map((id) => [id, methodInfo[id].label])) as Readonly<
  Record<MethodId, string>
>

/** Whether a lane needs images of the kind the model was trained on. */
export function needsSourceImages(options: LaneOptions): boolean {
  if (options.method === 'eata') return options.fisherWeight > 0
  return methodInfo[options.method].needs.includes('source-images')
}
