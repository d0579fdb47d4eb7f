// Functions of WGSL that are not exact enough as they come: WGSL allows log an error of 2^-21 near 1 and exp one that grows with its argument. These are within
// two units in the last place on every card (polynomials of Cephes' logf and expf, and the rational approximation of erf that Eigen uses).

/** `natural_exponential(x)`; infinities and NaN as the card's own gives them. */
export const exponential = `
fn natural_exponential(x: f32) -> f32 {
  if ((bitcast<u32>(x) & 0x7fffffffu) > 0x7f800000u) { return x; } // no number
  if (abs(x) >= 87.0) { return exp(x); }
  let n = floor(x * 1.44269504088896341 + 0.5);
  let r = (x - n * 0.693359375) + n * 2.12194440e-4;
  var y = 1.9875691500e-4;
  y = y * r + 1.3981999507e-3;
  y = y * r + 8.3334519073e-3;
  y = y * r + 4.1665795894e-2;
  y = y * r + 1.6666665459e-1;
  y = y * r + 5.0000001201e-1;
  y = y * r * r + r + 1.0;
  return y * bitcast<f32>(u32(i32(n) + 127) << 23u);
}`

/** `natural_logarithm(x)`: minus infinity at 0, NaN below. */
export const logarithm = `
var<private> infinity_bits: u32 = 0x7f800000u;
fn natural_logarithm(x: f32) -> f32 {
  if ((bitcast<u32>(x) & 0x7fffffffu) >= 0x7f800000u && x > 0.0) { return x; } // infinity
  if ((bitcast<u32>(x) & 0x7fffffffu) > 0x7f800000u) { return x; } // no number
  if (x == 0.0) { return -bitcast<f32>(infinity_bits); }
  if (x < 0.0) { return bitcast<f32>(infinity_bits | 0x400000u); }
  if (!(x >= 1.17549435e-38 && x <= 3.4e38)) { return log(x); }
  let bits = bitcast<u32>(x);
  var e = f32(i32(bits >> 23u) - 127);
  var m = bitcast<f32>((bits & 0x7fffffu) | 0x3f800000u);
  if (m > 1.41421356) { m = m * 0.5; e = e + 1.0; }
  let f = m - 1.0;
  let z = f * f;
  var y = 7.0376836292e-2;
  y = y * f - 1.1514610310e-1;
  y = y * f + 1.1676998740e-1;
  y = y * f - 1.2420140846e-1;
  y = y * f + 1.4249322787e-1;
  y = y * f - 1.6668057665e-1;
  y = y * f + 2.0000714765e-1;
  y = y * f - 2.4999993993e-1;
  y = y * f + 3.3333331174e-1;
  y = y * f * z;
  y = y - 2.12194440e-4 * e;
  y = y - 0.5 * z;
  return (f + y) + 0.693359375 * e;
}`

export const errorFunction = `
fn error_function(v: f32) -> f32 {
  let x = clamp(v, -4.0, 4.0);
  let z = x * x;
  var a = -2.72614225801306e-10;
  a = a * z + 2.77068142495902e-08;
  a = a * z - 2.10102402082508e-06;
  a = a * z - 5.69250639462346e-05;
  a = a * z - 7.34990630326855e-04;
  a = a * z - 2.95459980854025e-03;
  a = a * z - 1.60960333262415e-02;
  var b = -1.45660718464996e-05;
  b = b * z - 2.13374055278905e-04;
  b = b * z - 1.68282697438203e-03;
  b = b * z - 7.37332916720468e-03;
  b = b * z - 1.42647390514189e-02;
  return select(x * a / b, v, (bitcast<u32>(v) & 0x7fffffffu) > 0x7f800000u);
}`

/** `power(a, b)`, also of negative numbers to whole powers. */
export const power = `${exponential}${logarithm}
fn power(a: f32, b: f32) -> f32 {
  if (b == 0.0 || a == 1.0) { return 1.0; }
  if (b == 1.0) { return a; }
  if (b == 2.0) { return a * a; }
  if (b == 0.5) { return sqrt(a); }
  if (a == 0.0) { return select(bitcast<f32>(infinity_bits), 0.0, b > 0.0); }
  // The product of b and the logarithm in two parts, since its error is the power's relative one.
  let base = abs(a);
  let l = natural_logarithm(base);
  let whole = floor(b + 0.5);
  let rest = natural_exponential((b - whole) * l);
  var result = rest;
  if (abs(whole) <= 64.0) {
    var factor = base;
    var product = 1.0;
    for (var n = u32(abs(whole)); n > 0u; n = n >> 1u) {
      if ((n & 1u) == 1u) { product = product * factor; }
      factor = factor * factor;
    }
    result = select(rest * product, rest / product, whole < 0.0);
  } else {
    result = natural_exponential(b * l);
  }
  if (a > 0.0) { return result; }
  if (whole != b) { return bitcast<f32>(infinity_bits | 0x400000u); }
  return select(result, -result, fract(whole * 0.5) != 0.0);
}`

/** The tree that every reduction within a work group is, over `gathered`: its first values are what `merge(a, b)` makes of all that are `step` apart. */
export const mergeTree = (size: number, step = '1u', merge = 'merge') => `
  for (var half = ${size}u / 2u; half >= ${step}; half = half >> 1u) {
    workgroupBarrier();
    if (local < half) { gathered[local] = ${merge}(gathered[local], gathered[local + half]); }
  }
  workgroupBarrier();`
