// What stands in a state dict beside a network's own tensors without being part of how it answers: counters, losses, metrics, averages of the weights,
// auxiliary heads, the tables of profilers. Anything that is not known to be of that kind is not left out: it may be a layer.
import type { FileTensor } from './formats/file-tensor.ts'

/** First parts of names: of what training frameworks keep, not of layers. */
const keepers = [
  /^(criterions?|(\w+_)?loss(es)?(_?(fn|func|function|module|weights?|\d+))?)$/i,
  /^(\w+_)?metrics?(_\w+)?$/i,
  /^(train|val|valid|validation|test|eval|best)_\w+$/i,
  /^(\w+_)?(acc|accuracy|auroc|auc|f1|f1_?score|precision|recall|confmat|confusion_matrix|ece|calibration_error|mcc|jaccard|iou|dice|stat_scores)(_?\d+)?$/i,
  /^(n_averaged|num_updates|decay|epoch|step|global_step|iter|iteration|seed)s?$/i,
  /^(optim(izer)?s?|opt|schedulers?|lr_schedulers?|scaler|grad_scaler)(_\w+)?$/i,
  /^(\w+_)?(meter|tracker|monitor)s?$/i,
  /^top_?\d+$/i,
  /^((class|pos|label|loss)_weights?|(class|cls)_(counts?|num_list|freq\w*))$/i,
  /^(queue\w*|memory_bank)$/i,
  /^(mean|std|mu|sigma)$/i,
  /^aux(iliary)?(_\w+|\d+)?$/i,
]
/** Averages of the weights and copies for a loss, which stand beside the network that is trained. */
const copies = /(^|_)(ema|swa|avg|averaged?|shadow|momentum|target|encoder_k|key_encoder|k_encoder)(_|$)/i
/** Those of them that nothing in a network is called by. */
const certainCopies = /(^|_)(ema|swa|shadow|momentum_encoder|encoder_k|key_encoder|k_encoder)(_|$)/i
/** Last parts of names: what profilers leave in every module. */
const counted = /\.(total_ops|total_params|num_batches_tracked)$/

/** Whether a tensor is told by its name alone to be no layer's. */
export function asideName(name: string): boolean {
  const first = name.split('.')[0] ?? ''
  return keepers.some((pattern) => pattern.test(first)) || counted.test(`.${name}`)
}

/** Whether a prefix says that what lies below it is a copy of the network, not the network. */
export const isCopy = (prefix: string): boolean => prefix.split('.').some((part) => copies.test(part))

/** Whether what is left over, when a network has taken what is its own, cannot be a part of it: numbers by themselves at the top, and what was set aside by name. */
export function isAside(name: string, value: FileTensor, counters: ReadonlySet<FileTensor>): boolean {
  const { data } = value
  if (counters.has(value) || asideName(name) || certainCopies.test(name.split('.')[0] ?? '')) return true
  // A number that scales the logits, or a pool's power, is a part of the network.
  return (
    data.length <= 1 &&
    !name.includes('.') &&
    !/^.$|scale|temp|tau|alpha|beta|gamma|gain|bias|weight|shift|power|thresh/i.test(name)
  )
}

/** At most so many are named. */
const mostNamed = 12

/** Names as they are told: what lies below one part of a name as one. */
export function writtenOut(names: readonly string[]): string[] {
  const groups = Map.groupBy(names, (name) => name.split('.')[0] ?? '')
  const told = [...groups].map(([first, all]) =>
    all.length > 3 ? `${first}.… (${all.length} tensors)` : all.join(', '),
  )
  return told.length > mostNamed ? [...told.slice(0, mostNamed), `${told.length - mostNamed} more`] : told
}
