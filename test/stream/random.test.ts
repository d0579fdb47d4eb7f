// Our port of NumPy's legacy generator against numbers that NumPy itself printed (np.random.seed(12345), NumPy 2).
import { expect, test } from 'vitest'
import { NumpyRandom } from '#stream/images/random.ts'

test('one sequence of every kind of draw', () => {
  const random = new NumpyRandom(12345)
  const times = <T>(count: number, draw: () => T) => Array.from({ length: count }, draw)
  expect(times(5, () => random.random())).toEqual([
    0.9296160928171479, 0.3163755545817859, 0.18391881167709445, 0.2045602785530397, 0.5677250290816866,
  ])
  expect(times(5, () => random.gauss())).toEqual([
    0.4505544213927303, 0.09267328907707292, 1.2481328397922449, 0.7681007095819123, 1.2488036477362088,
  ])
  expect(times(8, () => random.randint(-3, 40))).toEqual([6, 8, 10, 7, 14, 15, 35, 4])
  expect(times(8, () => random.poisson(3.7))).toEqual([8, 6, 2, 3, 5, 3, 3, 5])
  expect(times(12, () => random.poisson(41.5))).toEqual([39, 43, 33, 48, 51, 39, 42, 36, 41, 55, 36, 39])
  expect(times(6, () => random.poisson(1200.25))).toEqual([1171, 1215, 1229, 1150, 1184, 1252])
  expect(times(3, () => random.uniform(-2, 7))).toEqual([-0.23784500820083254, 0.6505118976139399, 3.642998925147361])
  expect(random.shuffle([0, 1, 2, 3, 4, 5, 6, 7, 8])).toEqual([2, 3, 6, 5, 0, 1, 8, 4, 7])
})

test('a state that was taken goes on from there', () => {
  const first = new NumpyRandom(3)
  first.gaussians(1001) // an odd number: one value is kept
  const second = new NumpyRandom(99)
  second.setState(first.getState())
  expect(second.gaussians(700)).toEqual(first.gaussians(700))
})
