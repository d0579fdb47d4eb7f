// What went wrong with a camera or a video file. Pure.
import { strings } from '#renderer/lib/strings/strings.svelte.ts'

/** What a camera's failure means, in words that say what to do. */
export function cameraProblem(thrown: unknown): string {
  const name =
    thrown instanceof Error || (typeof thrown === 'object' && thrown !== null && 'name' in thrown)
      ? String(thrown.name)
      : ''
  const known: Readonly<Record<string, string>> = {
    NotAllowedError: strings.webcam.denied,
    SecurityError: strings.webcam.insecure,
    NotFoundError: strings.webcam.noCamera,
    OverconstrainedError: strings.webcam.gone,
    NotReadableError: strings.webcam.inUse,
    AbortError: strings.webcam.inUse,
    NotSupportedError: strings.webcam.noVideo,
    EncodingError: strings.webcam.noVideo,
  }
  return known[name] ?? strings.webcam.cameraFailed(thrown instanceof Error ? thrown.message : String(thrown))
}
