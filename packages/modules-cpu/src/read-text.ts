import type { Host } from '@janus/core'

/** Text of an attribute without white space around it; undefined when it is absent or cannot be read. */
export async function readText(host: Host, path: string): Promise<string | undefined> {
  return (await host.readText(path)).value?.trim()
}
