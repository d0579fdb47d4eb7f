// A real session process that ends in the way its argument names. Started by supervisor.test.ts and runs.test.ts.
const how = process.env['PALM_TEST_CRASH'] ?? 'exit'

process.on('message', (message: { type: string }) => {
  if (message.type !== 'start') return
  process.send?.(
    { type: 'event', event: { event: 'status', seq: 1, status: 'running', error: null, message: null } },
    () => {
      switch (how) {
        case 'kill':
          process.kill(process.pid, 'SIGKILL')
          break
        case 'exit':
          process.exit(3)
          break
        case 'memory':
          process.stderr.write("terminate called after throwing an instance of 'std::bad_alloc'\n", () =>
            process.abort(),
          )
          break
        case 'throw':
          throw new Error('a fault in the session')
        case 'nonsense':
          process.send?.({ type: 'hello' })
          break
        case 'ended':
          process.send?.({ type: 'ended', status: 'stopped', error: null }, () => process.exit(0))
          break
      }
    },
  )
})
process.send?.({ type: 'ready' })
