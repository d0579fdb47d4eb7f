// Who may use the web host: three secrets of one start, each good for one thing only. The token stands in the address that is printed; the cookie
// fetches the page's files; the key opens the socket, and lies in the page's own storage, because cookies do not know ports: another server on this
// machine that the user looks at is sent them too, and whoever writes its own requests can claim any Host and Origin.
import { randomBytes, timingSafeEqual } from 'node:crypto'

/** A code that is handed over through a file: long enough for a browser that has to start first. */
const codeMs = 120_000

export class WebKeys {
  readonly token = secret()
  readonly key = secret()
  private readonly cookieName: string
  private readonly cookieValue = secret()
  private readonly now: () => number
  /** Code -> until when. */
  private readonly codes = new Map<string, number>()

  /** `now` in ms of a clock that only rises: the system's may be set in between. */
  constructor(port: number, now: () => number = () => performance.now()) {
    this.cookieName = `palm-${port}`
    this.now = now
  }

  /** `Set-Cookie`: scripts and other sites cannot use it. */
  get cookie(): string {
    return `${this.cookieName}=${this.cookieValue}; Path=/; HttpOnly; SameSite=Strict`
  }

  /** A code that lets in once, and soon. */
  code(): string {
    const code = secret()
    this.codes.set(code, this.now() + codeMs)
    return code
  }

  isToken(given: string): boolean {
    return isSame(given, this.token)
  }

  isKey(given: string): boolean {
    return isSame(given, this.key)
  }

  /** Whether it lets in; never twice. */
  useCode(given: string): boolean {
    const now = this.now()
    let known: string | null = null
    for (const [code, until] of this.codes) {
      if (until < now) this.codes.delete(code)
      else if (isSame(given, code)) known = code
    }
    return known !== null && this.codes.delete(known)
  }

  hasCookie(header: string | undefined): boolean {
    return (header ?? '').split(';').some((pair) => {
      const equals = pair.indexOf('=')
      return pair.slice(0, equals).trim() === this.cookieName && isSame(pair.slice(equals + 1).trim(), this.cookieValue)
    })
  }
}

const secret = (): string => randomBytes(32).toString('base64url')

function isSame(given: string, secret: string): boolean {
  const left = Buffer.from(given)
  const right = Buffer.from(secret)
  return left.length === right.length && timingSafeEqual(left, right)
}
