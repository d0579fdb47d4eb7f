// A worker that is killed by its test: takes cells, works a little on each, and sends bytes that name it. No engine: what is tested is that nothing is lost.
import { labAddress } from '#app/services/lab/lab-address.ts'
import { LabQueue } from '#app/services/lab/lab-queue.ts'

const [address = '', name = '', queueName = '', workMs = '60', bytes = '0'] = process.argv.slice(2)
const padding = Buffer.alloc(Number(bytes))

async function open(): Promise<LabQueue> {
  for (;;) {
    try {
      return await LabQueue.open(labAddress(address), { worker: name, superviseSeconds: 1, heartbeatSeconds: 10 })
    } catch {
      await pause(200) // the server is being started again
    }
  }
}

/** What its work and its patience are made of. */
function pause(ms: number): Promise<void> {
  // oxlint-disable-next-line house/no-sleep -- this is no test: it stands for a machine that computes
  return new Promise((resolve) => setTimeout(resolve, ms))
}

const queue = await open()
for (;;) {
  try {
    const taken = await queue.take(queueName)
    if (taken) {
      if (Number(workMs) > 0) await pause(Number(workMs))
      await queue.finish(taken, Buffer.concat([Buffer.from(taken.cell.key), padding]))
    } else await pause(100)
  } catch {
    await pause(200)
  }
}
