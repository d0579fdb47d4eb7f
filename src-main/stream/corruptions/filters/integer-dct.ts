// 8 x 8 DCT and its inverse in integers: the algorithm of Loeffler, Ligtenberg and Moschytz (ICASSP 1989) with 13-bit constants and 2 extra
// bits between the passes, so that results agree to the bit with the JPEG library that Pillow uses. In place.

const f0298 = 2446
const f0390 = 3196
const f0541 = 4433
const f0765 = 6270
const f0899 = 7373
const f1175 = 9633
const f1501 = 12299
const f1847 = 15137
const f1961 = 16069
const f2053 = 16819
const f2562 = 20995
const f3072 = 25172

/** Level-shifted samples -> 8 times the DCT coefficients. */
export function forwardDct(block: Int32Array): void {
  for (let row = 0; row < 64; row += 8) forwardLine(block, row, 1, 11, true)
  for (let column = 0; column < 8; column++) forwardLine(block, column, 8, 15, false)
}

function forwardLine(d: Int32Array, at: number, step: number, shift: number, first: boolean): void {
  const x0 = d[at] as number
  const x1 = d[at + step] as number
  const x2 = d[at + 2 * step] as number
  const x3 = d[at + 3 * step] as number
  const x4 = d[at + 4 * step] as number
  const x5 = d[at + 5 * step] as number
  const x6 = d[at + 6 * step] as number
  const x7 = d[at + 7 * step] as number
  const round = 1 << (shift - 1)
  const even0 = x0 + x7 + x3 + x4
  const even3 = x0 + x7 - x3 - x4
  const even1 = x1 + x6 + x2 + x5
  const even2 = x1 + x6 - x2 - x5
  d[at] = first ? (even0 + even1) << 2 : (even0 + even1 + 2) >> 2
  d[at + 4 * step] = first ? (even0 - even1) << 2 : (even0 - even1 + 2) >> 2
  const z = Math.imul(even2 + even3, f0541)
  d[at + 2 * step] = (z + Math.imul(even3, f0765) + round) >> shift
  d[at + 6 * step] = (z - Math.imul(even2, f1847) + round) >> shift
  const t4 = x3 - x4
  const t5 = x2 - x5
  const t6 = x1 - x6
  const t7 = x0 - x7
  const z5 = Math.imul(t4 + t6 + t5 + t7, f1175)
  const z1 = -Math.imul(t4 + t7, f0899)
  const z2 = -Math.imul(t5 + t6, f2562)
  const z3 = -Math.imul(t4 + t6, f1961) + z5
  const z4 = -Math.imul(t5 + t7, f0390) + z5
  d[at + 7 * step] = (Math.imul(t4, f0298) + z1 + z3 + round) >> shift
  d[at + 5 * step] = (Math.imul(t5, f2053) + z2 + z4 + round) >> shift
  d[at + 3 * step] = (Math.imul(t6, f3072) + z2 + z3 + round) >> shift
  d[at + step] = (Math.imul(t7, f1501) + z1 + z4 + round) >> shift
}

/** Dequantised coefficients -> level-shifted samples (not clamped). */
export function inverseDct(block: Int32Array): void {
  for (let column = 0; column < 8; column++) inverseLine(block, column, 8, 11)
  for (let row = 0; row < 64; row += 8) inverseLine(block, row, 1, 18)
}

function inverseLine(d: Int32Array, at: number, step: number, shift: number): void {
  const x0 = d[at] as number
  const x1 = d[at + step] as number
  const x2 = d[at + 2 * step] as number
  const x3 = d[at + 3 * step] as number
  const x4 = d[at + 4 * step] as number
  const x5 = d[at + 5 * step] as number
  const x6 = d[at + 6 * step] as number
  const x7 = d[at + 7 * step] as number
  const round = 1 << (shift - 1)
  const z = Math.imul(x2 + x6, f0541)
  const even2 = z - Math.imul(x6, f1847)
  const even3 = z + Math.imul(x2, f0765)
  const even0 = (x0 + x4) << 13
  const even1 = (x0 - x4) << 13
  const t10 = even0 + even3
  const t13 = even0 - even3
  const t11 = even1 + even2
  const t12 = even1 - even2
  const z5 = Math.imul(x7 + x3 + x5 + x1, f1175)
  const z1 = -Math.imul(x7 + x1, f0899)
  const z2 = -Math.imul(x5 + x3, f2562)
  const z3 = -Math.imul(x7 + x3, f1961) + z5
  const z4 = -Math.imul(x5 + x1, f0390) + z5
  const o0 = Math.imul(x7, f0298) + z1 + z3
  const o1 = Math.imul(x5, f2053) + z2 + z4
  const o2 = Math.imul(x3, f3072) + z2 + z3
  const o3 = Math.imul(x1, f1501) + z1 + z4
  d[at] = (t10 + o3 + round) >> shift
  d[at + 7 * step] = (t10 - o3 + round) >> shift
  d[at + step] = (t11 + o2 + round) >> shift
  d[at + 6 * step] = (t11 - o2 + round) >> shift
  d[at + 2 * step] = (t12 + o1 + round) >> shift
  d[at + 5 * step] = (t12 - o1 + round) >> shift
  d[at + 3 * step] = (t13 + o0 + round) >> shift
  d[at + 4 * step] = (t13 - o0 + round) >> shift
}
