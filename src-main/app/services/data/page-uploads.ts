// The uploads of one page: they end with its connection, so that one that was reloaded in the middle of them holds none of the few that there may be.
import type { Uploads } from './uploads.ts'

interface PageUploads {
  readonly handlers: {
    readonly 'uploads.begin': (announced: Parameters<Uploads['begin']>[0]) => Promise<{ upload: string }>
    readonly 'uploads.finish': (request: { readonly upload: string }) => { path: string }
  }
  close(): Promise<void>
}

export function pageUploads(uploads: Uploads): PageUploads {
  const own = new Set<string>()
  let closed = false
  return {
    handlers: {
      async 'uploads.begin'(announced) {
        const begun = await uploads.begin(announced)
        own.add(begun.upload)
        if (closed) await uploads.cancel(begun.upload)
        return begun
      },
      'uploads.finish'({ upload }) {
        own.delete(upload)
        return uploads.finish(upload)
      },
    },
    async close() {
      closed = true
      await Promise.all([...own].map((upload) => uploads.cancel(upload)))
    },
  }
}
