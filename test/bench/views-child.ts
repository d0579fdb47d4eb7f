// Child of `views.ts`: writes the long run into the folder that it is given, packs its steps as a session does, and says how long a packing took.
import { join } from 'node:path'
import { openStore } from '#store/store.ts'
import { longRun, writeLongRun } from '#test/helpers/long-run.ts'

const [folder = '.', steps = '', tensors = ''] = process.argv.slice(2)
const run = writeLongRun(folder, { ...longRun, steps: Number(steps), tensors: Number(tensors) })
const store = openStore(join(folder, 'palm.sqlite'))
const took: number[] = []
for (let more = true; more;) {
  const began = performance.now()
  more = store.transaction(() => store.steps.pack(run, 1))
  took.push(performance.now() - began)
}
store.close()
console.log(JSON.stringify({ run, packMs: took.toSorted((a, b) => a - b)[took.length >> 1] }))
