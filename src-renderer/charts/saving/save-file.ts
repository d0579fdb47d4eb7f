// Gives a file to the person: the browser's own download, the same in every host. And a picture's SVG as PNG.

/** Where the program cannot choose a folder, the browser (or Electron's dialog) does. */
export function saveFile(name: string, content: Blob): void {
  const address = URL.createObjectURL(content)
  const link = document.createElement('a')
  link.href = address
  link.download = name
  document.body.append(link)
  link.click()
  link.remove()
  // The download has its own hold on it by the time that this fires.
  setTimeout(() => URL.revokeObjectURL(address), 60_000)
}

/** @throws Error when the browser cannot draw a picture that large */
export async function pngOf(
  svg: { readonly text: string; readonly width: number; readonly height: number },
  scale: number,
): Promise<Blob> {
  const address = URL.createObjectURL(new Blob([svg.text], { type: 'image/svg+xml' }))
  try {
    const image = new Image()
    image.src = address
    await image.decode()
    const canvas = document.createElement('canvas')
    canvas.width = Math.round(svg.width * scale)
    canvas.height = Math.round(svg.height * scale)
    canvas.getContext('2d')?.drawImage(image, 0, 0, canvas.width, canvas.height)
    return await new Promise<Blob>((resolve, reject) =>
      canvas.toBlob(
        (blob) => (blob ? resolve(blob) : reject(new Error('The picture is too large for a PNG: save it as SVG.'))),
        'image/png',
      ),
    )
  } finally {
    URL.revokeObjectURL(address)
  }
}
