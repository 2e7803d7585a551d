import type { Host, PciDevice } from '@janus/core'

/** Device numbers of the DRM nodes of a card (`card0`, `renderD128`), or of another device by its path: each in its attribute `dev`. */
export async function readDrmNumbers(host: Host, { path }: Pick<PciDevice, 'path'>): Promise<readonly string[]> {
  const names = ((await host.list(`${path}/drm`)).value ?? []).filter((name) => /^(?:card|renderD)\d+$/.test(name))
  const numbers: string[] = []
  for (const name of names) numbers.push(...(await readNumber(host, `${path}/drm/${name}/dev`)))
  return numbers
}

/** The device number in an attribute `dev`; none when there is none. */
export async function readNumber(host: Host, path: string): Promise<readonly string[]> {
  const text = (await host.readText(path)).value?.trim() ?? ''
  return /^\d+:\d+$/.test(text) ? [text] : []
}
