import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { Host } from '../../../src/contract/host.js'
import { createLiveHost } from '../../../src/host/index.js'

/** What lies at a path of a tree: text of a file, a link, or an empty directory. */
export type TreeEntry = string | { readonly link: string } | { readonly directory: true }

/** Writes a tree into a temporary directory that is removed after the test. */
export function writeTree(entries: Readonly<Record<string, TreeEntry>>): string {
  const root = mkdtempSync(join(tmpdir(), 'janus-tree-'))
  onTestFinished(() => rmSync(root, { recursive: true, force: true }))
  for (const [path, entry] of Object.entries(entries)) {
    const file = join(root, path)
    mkdirSync(typeof entry === 'object' && 'directory' in entry ? file : dirname(file), { recursive: true })
    if (typeof entry === 'string') writeFileSync(file, entry)
    else if ('link' in entry) symlinkSync(entry.link, file)
  }
  return root
}

/** A host over a tree. */
export function treeHost(entries: Readonly<Record<string, TreeEntry>>): Host {
  return createLiveHost({ root: writeTree(entries) })
}

/** Entries of a PCI function under a root port of its own. */
export function pciFunction(address: string, code: string, attributes: Readonly<Record<string, TreeEntry>> = {}) {
  const location = locationOf(address)
  const entries: Record<string, TreeEntry> = {
    [`/sys/bus/pci/devices/${address}`]: { link: location },
    [`${location}/vendor`]: '0x8086\n',
    [`${location}/device`]: '0x10d3\n',
    [`${location}/class`]: `0x${code}\n`,
  }
  for (const [name, entry] of Object.entries(attributes)) entries[`${location}/${name}`] = entry
  return entries
}

/** Where {@link pciFunction} puts a function. */
export function locationOf(address: string): string {
  return `/sys/devices/pci0000:00/0000:00:01.0/${address}`
}
