import type { Host, Plan } from '@janus/core'

/** Texts of the files that a plan replaces, as they are now. A plan holds only what is written. */
export type PresentFiles = ReadonlyMap<string, string>

/** Reads the files that a plan writes and that are there already; one that cannot be read is left out. */
export async function readPresentFiles({ host }: { readonly host: Host }, { changes }: Plan): Promise<PresentFiles> {
  const present = new Map<string, string>()
  for (const change of changes) {
    if (change.kind !== 'write-file' || change.from === null || present.has(change.path)) continue
    const { value } = await host.readText(change.path)
    if (value !== undefined) present.set(change.path, value)
  }
  return present
}
