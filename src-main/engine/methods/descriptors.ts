// Every method's descriptor, in the order of the paper's tables, then what came since, PALM last: the order that lists and tables have. Data only: it is read
// in every process and in the window, hence nothing that computes is imported here. A method that is missing in registry.ts does not compile.
import type { MethodDescriptor } from '#contract/methods/descriptor.ts'
import { adacontrast } from './adacontrast/descriptor.ts'
import { autolr } from './autolr/descriptor.ts'
import { bnAlpha } from './bn-alpha/descriptor.ts'
import { cmf } from './cmf/descriptor.ts'
import { come } from './come/descriptor.ts'
import { cotta } from './cotta/descriptor.ts'
import { deyo } from './deyo/descriptor.ts'
import { dss } from './dss/descriptor.ts'
import { eata } from './eata/descriptor.ts'
import { ecotta } from './ecotta/descriptor.ts'
import { lame } from './lame/descriptor.ts'
import { law } from './law/descriptor.ts'
import { memo } from './memo/descriptor.ts'
import { norm } from './norm/descriptor.ts'
import { note } from './note/descriptor.ts'
import { palm } from './palm/descriptor.ts'
import { rdumb } from './rdumb/descriptor.ts'
import { rmt } from './rmt/descriptor.ts'
import { roid } from './roid/descriptor.ts'
import { rotta } from './rotta/descriptor.ts'
import { santa } from './santa/descriptor.ts'
import { sar } from './sar/descriptor.ts'
import { source } from './source/descriptor.ts'
import { surgical } from './surgical/descriptor.ts'
import { tent } from './tent/descriptor.ts'

export const descriptors = {
  source,
  norm,
  'bn-alpha': bnAlpha,
  tent,
  cotta,
  ecotta,
  adacontrast,
  surgical,
  dss,
  law,
  autolr,
  eata,
  sar,
  rotta,
  note,
  rmt,
  rdumb,
  lame,
  memo,
  deyo,
  santa,
  cmf,
  roid,
  come,
  palm,
} as const satisfies { readonly [id: string]: MethodDescriptor }
