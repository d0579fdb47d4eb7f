// The calls and the subscription of a lab's queue: a part of the handler table (app.ts).
import type { Handlers, Subscribers } from '#app/rpc/server.ts'
import type { LabService } from './lab-service.ts'

export function labTable(lab: LabService): {
  readonly handlers: Pick<Handlers, Extract<keyof Handlers, `lab.${string}`>>
  readonly subscribers: Pick<Subscribers, 'lab'>
} {
  return {
    handlers: {
      'lab.connect': async ({ place, password, keep }) => {
        await lab.connect(place, password, keep)
        return {}
      },
      'lab.disconnect': async () => {
        await lab.disconnect()
        return {}
      },
      'lab.forgetPassword': () => {
        lab.forgetPassword()
        return {}
      },
      'lab.put': ({ sweep }) => {
        lab.put(sweep)
        return {}
      },
      'lab.takeOut': async ({ sweep }) => ({ cells: await lab.takeOut(sweep) }),
      'lab.again': async ({ key }) => {
        await lab.again(key)
        return {}
      },
    },
    subscribers: { lab: (_request, sink) => lab.follow(sink) },
  }
}
