// The command `palm` in this process, as entry/cli.ts calls it: what it writes is caught. Its sessions are real processes, kept from one command to the next. For
// tests of what commands do; that they do it as processes of their own is tested in test/cli/process.test.ts and where signals are.
import { palm } from '#cli/main.ts'

export interface PalmResult {
  readonly code: number
  readonly out: string
  readonly err: string
}

/** One at a time, and nothing else may write meanwhile. `dataFolder`: as PALM_DATA would say it. */
export function palmIn(dataFolder: string): (...args: string[]) => Promise<PalmResult> {
  return async (...args) => {
    const before = process.env.PALM_DATA
    const [out, err] = [caught(process.stdout), caught(process.stderr)]
    process.env.PALM_DATA = dataFolder
    try {
      const code = await palm(args)
      return { code, out: out.text(), err: err.text() }
    } finally {
      out.release()
      err.release()
      if (before === undefined) delete process.env.PALM_DATA
      else process.env.PALM_DATA = before
    }
  }
}

function caught(stream: NodeJS.WriteStream): { text(): string; release(): void } {
  const write = stream.write.bind(stream)
  let text = ''
  stream.write = (chunk: string | Uint8Array) => {
    text += typeof chunk === 'string' ? chunk : new TextDecoder().decode(chunk)
    return true
  }
  return {
    text: () => text,
    release() {
      stream.write = write
    },
  }
}
