import type { Host, Plan } from '@janus/core'
import { textOfBytes } from './render/file-text.js'

/** Texts of the files that a plan replaces, as they are now and with every byte. A plan holds only what is written. */
export type PresentFiles = ReadonlyMap<string, string>

/** Reads the files that a plan writes and that are there already; one that cannot be read, or is no text, is left out. */
export async function readPresentFiles({ host }: { readonly host: Host }, { changes }: Plan): Promise<PresentFiles> {
  const present = new Map<string, string>()
  for (const change of changes) {
    if (change.kind !== 'write-file' || change.from === null || present.has(change.path)) continue
    const { value } = await host.readBytes(change.path)
    const text = value === undefined ? undefined : textOfBytes(value)
    if (text !== undefined) present.set(change.path, text)
  }
  return present
}
