// Where a package will look for newer versions: given when it is built, by PALM_UPDATES_URL; no address of anybody lies in the sources.

/**
 * What electron-builder is told: it writes the address into the package, and the lists (latest*.yml) beside the packages, to be put there with them. Nothing is sent anywhere.
 * @param {string | undefined} address @returns {string[]}
 */
export function feedArguments(address) {
  if (!address) return ['--publish', 'never']
  const url = URL.canParse(address) ? new URL(address) : null
  const isHere = url?.protocol === 'http:' && url.hostname === '127.0.0.1'
  if (!url || url.username || url.password || (url.protocol !== 'https:' && !isHere))
    throw new Error(`PALM_UPDATES_URL must be an https address without a password in it, not ${address}`)
  return ['--publish', 'never', '-c.publish.provider=generic', `-c.publish.url=${url.href}`]
}
