// Which class of the model each class of an input is: what tells it, and where it is asked instead of guessed.
import { expect, test } from 'vitest'
import { matchClasses, proposeMatches, type MatchContext } from '#stream/inputs/labels.ts'
import { wholeNumber } from '#stream/inputs/whole-number.ts'

const model = (modelClasses: number, more: Partial<MatchContext> = {}): MatchContext => ({
  modelClasses,
  modelNames: null,
  chosen: {},
  imageNet: [],
  ...more,
})
const match = (classes: readonly string[], context: MatchContext) => [...matchClasses(classes, context, 'x')]
const numbers = (from: number, to: number, text = String) =>
  Array.from({ length: to - from + 1 }, (_, i) => text(from + i))

test('numbers keep their value, however they are written', () => {
  expect(['7', '007', '+7', '7.0', '7.', '7.000e+00', ' 7 '].map(wholeNumber)).toEqual([7, 7, 7, 7, 7, 7, 7])
  expect(['', '7.5', 'seven', '7a', '0x7', '-', 'Infinity'].map(wholeNumber)).toEqual(Array(7).fill(null))
  expect(match(['0.0', '1.0', '10.0', '11.0', '2.0'], model(12))).toEqual([0, 1, 10, 11, 2])
  expect(match(['00000', '00003', '00042'], model(43))).toEqual([0, 3, 42])
  expect(match(['3', '5'], model(10))).toEqual([3, 5])
})

test('numbers that begin at 1 are recognised by their range, gaps or not', () => {
  expect(match(numbers(1, 10), model(10))).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
  expect(match(['1', '2', '4', '10'], model(10))).toEqual([0, 1, 3, 9])
  expect(proposeMatches(['1.0', '3.0'], model(3)).map(({ how }) => how)).toEqual(['one-based', 'one-based'])
  // Rows of an array from 0 on: that there is no class 0 in them is what tells.
  expect(match(numbers(0, 3), model(3, { empty: new Set(['0']), gaps: new Set(['0']) }))).toEqual([-1, 0, 1, 2])
  // A folder 0 that is only empty does count.
  expect(match(numbers(0, 2), model(3, { empty: new Set(['0']) }))).toEqual([0, 1, 2])
})

test('where the range does not tell it is asked, and the answer is taken', () => {
  expect(() => match(numbers(1, 9), model(10))).toThrow(/1 to 9.*--labels from-0 or --labels from-1/)
  expect(match(numbers(1, 9), model(10, { counting: 'from-1' }))).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8])
  expect(match(numbers(1, 9), model(10, { counting: 'from-0' }))).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9])
  expect(() => match(numbers(0, 10), model(10))).toThrow(/0 to 10, but the model’s 10 classes are 0 to 9/)
  expect(() => match(['-1', '0', '1'], model(2))).toThrow(/-1/)
  expect(match(['-1', '0', '1'], model(2, { chosen: { '-1': null } }))).toEqual([-1, 0, 1])
  expect(() => match(['0.5', '1.5'], model(2))).toThrow(/--labels/)
})

test('order matches only where both have as many classes, those without images among them', () => {
  const classes = ['c00', 'c01', 'c02']
  expect(match(classes, model(3))).toEqual([0, 1, 2])
  expect(match(classes, model(3, { empty: new Set(['c01']) }))).toEqual([0, 1, 2])
  expect(() => match(['cat', 'dog'], model(3))).toThrow(/2 classes and the model 3.*--labels FILE.*--labels order/)
  expect(match(['cat', 'dog'], model(3, { counting: 'order' }))).toEqual([0, 1])
  expect(match(['a', 'b', 'docs'], model(2, { chosen: { docs: null } }))).toEqual([0, 1, -1])
})

test('names of one word and a number keep the number where some are missing', () => {
  expect(match(['c00', 'c01', 'c05'], model(10))).toEqual([0, 1, 5])
  expect(match(['class_01', 'class_03', 'class_12'], model(12))).toEqual([0, 2, 11])
  // Sorted as text 10 comes before 2: whether the model's were counted by text or by value cannot be known.
  expect(() => match(['c0', 'c2', 'c10'], model(12))).toThrow(/--labels/)
  expect(() => match(['c01', 'c03'], model(10))).toThrow(/--labels/)
})

test('names match in either Unicode form, with numbers in front, and where one stands for two classes their ids tell', () => {
  const names = ['naïve', 'jalapeño', 'black cat']
  expect(match(['jalapen\u0303o', 'nai\u0308ve'], model(3, { modelNames: names }))).toEqual([1, 0])
  expect(match(['01_naïve', '002.Black_Cat', '3 - jalapeño'], model(3, { modelNames: names }))).toEqual([0, 2, 1])
  expect(match(['nai\u0308ve'], model(3, { modelNames: names, chosen: { naïve: 2 } }))).toEqual([2])
  expect(match(['3', '1'], model(3, { modelNames: ['01', '02', '03'] }))).toEqual([2, 0])
  const imageNet = [
    ['n02012849', 'crane'],
    ['n03126707', 'crane'],
    ['n01443537', 'goldfish'],
  ] as const
  const both = model(3, { imageNet, modelNames: ['crane', 'crane', 'goldfish'] })
  expect(match(['n02012849', 'n03126707'], both)).toEqual([0, 1])
  expect(() => match(['crane', 'goldfish'], both)).toThrow(/crane/)
})
