// The line that is said before a run and the remedies below it, word for word.
import { describe, expect, test } from 'vitest'
import { firstLookSchema, type FirstLook } from '#contract/runs/first-look.ts'
import { doubtText, lookLine } from '#cli/shared/look-text.ts'

const answer = (labelName: string | null, answerName: string) => ({
  id: 'x',
  label: labelName === null ? null : 1,
  labelName,
  answer: 1,
  answerName,
  confidence: 0.5,
})
const look = (more: Partial<FirstLook> = {}): FirstLook =>
  firstLookSchema.parse({
    input: 'photos',
    images: 1200,
    labelled: 1200,
    matched: [{ how: 'name', classes: 10 }],
    leftOut: 0,
    notes: [],
    perClass: { least: 120, most: 120 },
    modelClasses: 10,
    architecture: 'resnet-50',
    normalization: { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225], from: 'family' },
    size: { width: 224, height: 224 },
    seen: { corruption: null, severity: null },
    answers: [answer('cat', 'cat'), answer('dog', 'cat')],
    check: { labelled: 64, correct: 50 },
    different: { labels: 10, answers: 10 },
    remedies: [],
    ...more,
  })
const remedy = (kind: FirstLook['remedies'][number]['kind'], more: Partial<FirstLook['remedies'][number]> = {}) => ({
  kind,
  tried: null,
  normalization: null,
  shift: null,
  ...more,
})

describe('the line before a run', () => {
  test('says classes and how they were matched, images per class, normalisation and whence, and the answers', () => {
    expect(lookLine(look())).toBe(
      'To be scored: photos, 1,200 images; 10 classes matched by name to the model’s 10, 120 images each; normalisation mean 0.485/0.456/0.406, std 0.229/0.224/0.225 (a guess: the file does not say it, resnet-50 usually has it; --mean and --std change it); unadapted, the model gets 50 of 64 clean images right, of 2 of them: cat ✓, dog → cat ✗\n',
    )
    expect(doubtText(look())).toBe('')
    expect(lookLine(look({ notes: ['Beside the parts lie README: left out.'] }))).toMatch(
      /\nImages: Beside the parts lie README: left out\.\n$/,
    )
  })

  test('says what is mixed, left out, without labels, or came corrupted', () => {
    const mixed = lookLine(
      look({
        labelled: 1000,
        matched: [
          { how: 'name', classes: 3 },
          { how: 'chosen', classes: 1 },
        ],
        leftOut: 2,
        notes: [],
        perClass: { least: 1, most: 1200 },
        normalization: { mean: [0, 0, 0], std: [1, 1, 1], from: 'inside' },
        seen: { corruption: 'brightness', severity: 1 },
      }),
    )
    expect(mixed).toContain('1,200 images (1,000 have labels)')
    expect(mixed).toContain(
      '4 classes matched to the model’s 10 (3 by name, 1 as you said, 2 left out), 1 to 1,200 images each',
    )
    expect(mixed).toContain('std 1/1/1 (the network normalises by itself)')
    expect(mixed).toContain('50 of 64 images with brightness 1 (there are no clean ones) right')
    const bare = lookLine(
      look({ labelled: 0, matched: [], perClass: null, check: null, answers: [answer(null, 'cat')] }),
    )
    expect(bare).toContain('photos, 1,200 images; no labels; normalisation')
    expect(bare).toMatch(/unadapted, the model answers on 1 clean image: cat\n$/)
  })
})

test('a model that guesses: what was tried and helps first, with the option that does it, then the rest', () => {
  const text = doubtText(
    look({
      check: { labelled: 64, correct: 6 },
      remedies: [
        remedy('normalization', {
          tried: { labelled: 64, correct: 58 },
          normalization: { mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] },
        }),
        remedy('labels'),
        remedy('model'),
        remedy('channels', { tried: { labelled: 64, correct: 7 } }),
      ],
    }),
  )
  expect(text.split('\n')).toEqual([
    'Warning: the unadapted model gets 6 of 64 clean images right, no better than guessing. What it may be, likeliest first:',
    '  1. The normalisation: --mean 0.5,0.5,0.5 --std 0.5,0.5,0.5 (58 of 64 right with it).',
    '  2. Which class is which: palm inputs inspect shows the match, --labels FILE changes it.',
    '  3. The model: trained on other classes or images, or these are weights before training.',
    '  4. The order of the colours: RGB is given, and BGR does no better.',
    '',
  ])
  const shifted = remedy('labels', { tried: { labelled: 64, correct: 60 }, shift: -1 })
  expect(doubtText(look({ check: { labelled: 64, correct: 25 }, remedies: [shifted] }))).toBe(
    'Warning: the unadapted model gets 25 of 64 clean images right, and many more otherwise:\n  1. The numbers of the classes: they are off by one, the model’s class is the label minus 1 (60 of 64 right with it); --labels FILE says it.\n',
  )
  const constant = look({ check: { labelled: 64, correct: 40 }, different: { labels: 2, answers: 1 }, modelClasses: 2 })
  expect(doubtText(constant)).toContain('no better than guessing, and gives the same answer to all.')
})
