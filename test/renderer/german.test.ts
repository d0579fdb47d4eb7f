// What the program says (src-main) in German: every sentence that can reach a screen has its row, and no row is left over. How one is added: docs/contributing.md.
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { said, saidIn } from '#renderer/lib/german/said.svelte.ts'
import { predicates, tables } from '#renderer/lib/german/tables.ts'
import { cut, holePattern, numbered, translator } from '#renderer/lib/german/translator.ts'
import { validator } from '#renderer/lib/german/validator.ts'
import { setLanguage } from '#renderer/lib/strings/strings.svelte.ts'
import { programTexts, textsOf } from '#test/helpers/program-texts.ts'

const root = fileURLToPath(new URL('../..', import.meta.url)).replace(/[\\/]$/, '')
const texts = programTexts(root)
const all = [...tables, predicates]
const rows = new Map(all.flatMap((table) => Object.entries(table)))
const german = translator(tables, predicates)

describe('every sentence of the program', () => {
  const spoken = texts.filter(({ spoken: shown }) => shown)

  test('has its German', () => {
    expect(spoken.length).toBeGreaterThan(900)
    expect(
      spoken.filter(({ template }) => !rows.has(template)).map(({ at, template }) => `${at}  ${template}`),
    ).toEqual([])
  })

  test('that holds another one, or a list of words, has it said in German as well', () => {
    const left = spoken.flatMap(({ at, template, worded }) =>
      worded
        .filter((hole) => !rows.get(template)?.includes(`{${hole}~}`))
        .map((hole) => `${at}  {${hole}} of ${template}`),
    )
    expect(left).toEqual([])
  })
})

describe('every row', () => {
  test('is of a sentence that is there', () => {
    const there = new Set(texts.map(({ template }) => template))
    expect([...rows.keys()].filter((english) => !there.has(english) && !(english in validator))).toEqual([])
  })

  test('stands once', () => {
    const names = all.flatMap((table) => Object.keys(table))
    expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([])
  })

  test('has the holes of its sentence', () => {
    const holes = (template: string) => [...new Set(cut(template).holes)].sort((a, b) => a - b)
    for (const [english, text] of rows) expect(holes(text), english).toEqual(holes(english))
  })

  test('is what its sentence is said by: no other one fits it better', () => {
    for (const [english, text] of rows) {
      const value = (number: string) => `w${number}w`
      const filled = (template: string) => template.replace(holePattern, (_, number: string) => value(number))
      expect(german.whole(filled(english)) ?? german.worded(filled(english)), english).toBe(filled(text))
    }
  })

  test('is German, with German marks', () => {
    const code =
      /`.*?`|\{"[^}]*\}|torch\.save\(.*?"\)|torch\.onnx\.export\(.*?False\)|state_dict\[.*?\]|startswith\(.*?\)/g
    for (const [english, text] of rows) {
      const plain = text.replaceAll(code, '').replaceAll(/--\w+ [-\w]+|\b(from|reset)-\w+/g, '')
      expect(plain, english).not.toMatch(/["”]|\.\.\.|'/)
      expect(plain.replaceAll(/„.*?“/g, ''), english).not.toMatch(
        /\b(the|is|are|of|and|with|which|this|that|cannot|from|its|has|have|not|by|to|no|than|were)\b/,
      )
      expect(/[.!?]$/.test(text) && !text.endsWith('…'), english).toBe(/[.!?]$/.test(english) && !english.endsWith('…'))
    }
  })
})

test('what the validator says of a value that does not fit is German', () => {
  const wrong: readonly [z.ZodType, unknown][] = [
    [z.number(), 'a'],
    [z.number(), Number.NaN],
    [z.number(), undefined],
    [z.string(), 1],
    [z.boolean(), null],
    [z.array(z.string()), 1],
    [z.object({}), []],
    [z.literal('a'), 'b'],
    [z.enum(['a', 'b']), 'c'],
    [z.number().gt(0), 0],
    [z.number().min(1), 0],
    [z.number().lt(1), 1],
    [z.number().max(1), 2],
    [z.number().int(), 1.5],
    [z.string().min(2), 'a'],
    [z.string().max(2), 'abc'],
    [z.string().regex(/a/), 'b'],
    [z.array(z.string()).min(1), []],
    [z.array(z.string()).max(1), ['a', 'b']],
    [z.strictObject({}), { a: 1 }],
    [z.strictObject({}), { a: 1, b: 1 }],
    [z.union([z.literal(1), z.literal('a')]), 2],
  ]
  const used = new Set<string>()
  for (const [schema, value] of wrong) {
    const message = schema.safeParse(value).error?.issues[0]?.message ?? ''
    expect(german.whole(message), message).not.toBeNull()
    for (const english of Object.keys(validator)) {
      const { parts } = cut(english)
      if (parts.every((part) => message.includes(part))) used.add(english)
    }
  }
  expect(Object.keys(validator).filter((english) => !used.has(english))).toEqual([])
  expect(german.whole('batchSize: Too small: expected number to be >=1')).toBe(
    'batchSize: Zu klein: muss mindestens 1 sein',
  )
  expect(german.whole('The request to runs.start does not fit: batchSize: Too small: expected number to be >=1.')).toBe(
    'Die Anfrage an runs.start passt nicht: batchSize: Zu klein: muss mindestens 1 sein.',
  )
})

describe('said', () => {
  afterEach(() => setLanguage('en'))

  test('a sentence in another, several in a row, lists, numbers; names stay as they are', () => {
    setLanguage('de')
    expect(said('/home/x/run 5/a.onnx was refused: the layer “all images” has 3 groups.')).toBe(
      '/home/x/run 5/a.onnx wurde abgelehnt: Die Schicht „all images“ hat 3 Gruppen.',
    )
    expect(said('a.onnx was refused: Conv “b” takes images, and [10, 3] comes in.')).toBe(
      'a.onnx wurde abgelehnt: Conv “b” nimmt Bilder, und [10, 3] kommt an.',
    )
    expect(
      said(
        'There is no NVIDIA driver any more, with which the run began. WebGPU in software computes on the processor, some hundred times slower than TensorFlow does.',
      ),
    ).toBe(
      'Den NVIDIA-Treiber, mit dem der Lauf begann, gibt es nicht mehr. WebGPU in Software rechnet auf dem Prozessor, etwa hundertmal langsamer als TensorFlow.',
    )
    expect(
      said(
        'Online error in %, mean over domains. EuroSAT sample / EuroSAT ResNet-20; continual; 15 corruptions; severity 5; batch 100; images in shuffled order; 1,500 images a domain; seeds 1, 2.',
      ),
    ).toBe(
      'Online-Fehler in %, Mittel über die Domänen. EuroSAT-Beispiel / EuroSAT ResNet-20; continual; 15 Störungen; Schweregrad 5; Batch 100; Bilder in gemischter Reihenfolge; 1.500 Bilder je Domäne; Seeds 1, 2.',
    )
    expect(said('There is too little space: 1,024 MiB is needed, 3.5 GiB is free.')).toBe(
      'Der Platz reicht nicht: 1.024 MiB werden gebraucht, 3,5 GiB sind frei.',
    )
    expect(said('An NVIDIA GPU (CUDA) failed.')).toBe('Eine NVIDIA-Grafikkarte (CUDA) ist ausgefallen.')
    expect(said('1 class is not among the model’s: match them by hand, or leave them out.')).toBe(
      '1 Klasse ist nicht unter denen des Modells: bitte von Hand zuordnen oder auslassen.',
    )
    expect(said('Node 20.1 is too old (20.19.0 or newer is needed).')).toBe(
      'Node 20.1 ist zu alt (20.19.0 oder neuer wird gebraucht).',
    )
  })

  test('in English all is as it comes; what has no German stays, and is marked as English', () => {
    expect(said('The run is over.')).toBe('The run is over.')
    expect(saidIn('Nobody wrote this.')).toBeUndefined()
    setLanguage('de')
    expect(said('Nobody wrote this.')).toBe('Nobody wrote this.')
    expect(saidIn('Nobody wrote this.')).toBe('en')
    expect(saidIn('The run is over.')).toBeUndefined()
  })

  test('numbers', () => {
    expect(
      ['1,024', '0.5', '-3', '1.5 GiB', '2.1e-4', '80 %', '20.19.0', '0.4 ln C', 'a.b', '1, 2'].map(numbered),
    ).toEqual(['1.024', '0,5', '-3', '1,5 GiB', '2,1e-4', '80 %', '20.19.0', '0.4 ln C', 'a.b', '1, 2'])
  })
})

test('the reading of the sources sees sentences, their plurals and what holds others; not SQL, detail, or what only programmers read', () => {
  const code = `
    const a = new PalmError('internal', \`\${n} \${n === 1 ? 'file is' : 'files are'} gone: \${error.message}\`, 'some detail here')
    const b = fail('it is cut ' + 'short')
    throw new RangeError('No such thing here')
    throw new Error('part of a sentence')
    db.prepare('SELECT a FROM b')
    option.describe('Help for an option.')
    const text = { en: 'Both are here', de: 'Beide sind da' }
    const c = list.map((one) => \`\${one.slice(0, 3)} \${other(one, 'inner words here')}\`).join(' and ')
  `
  const found = textsOf('src-main/x/y.ts', code).filter(({ spoken }) => spoken)
  expect(found.map(({ template }) => template)).toEqual([
    '{0} file is gone: {1}',
    '{0} files are gone: {1}',
    'it is cut short',
    'part of a sentence',
    'Help for an option.',
    'inner words here',
  ])
  expect(found[0]?.worded).toEqual([1])
})
