import { posix } from 'node:path'
import type { Host } from '../contract/host.js'

/** Text of an attribute without surrounding white space; undefined when it is absent or cannot be read. */
export async function readValue(host: Host, path: string): Promise<string | undefined> {
  return (await host.readText(path)).value?.trim()
}

/** Name at the end of a link: of a driver, a group, a subsystem. */
export async function readLinkName(host: Host, path: string): Promise<string | undefined> {
  const target = (await host.readLink(path)).value
  return target === undefined ? undefined : posix.basename(target)
}

/** Names in a directory, none when it is absent or cannot be read. */
export async function listNames(host: Host, path: string): Promise<readonly string[]> {
  return (await host.list(path)).value ?? []
}

/** A whole decimal number, undefined for anything else. */
export function parseWholeNumber(text: string | undefined): number | undefined {
  return text !== undefined && /^-?\d{1,15}$/.test(text) ? Number(text) : undefined
}
