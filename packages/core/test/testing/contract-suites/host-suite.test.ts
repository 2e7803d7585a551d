import { chmod, mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { describe, expect, it, onTestFinished, test } from 'vitest'
import type { Host } from '../../../src/contract/host.js'
import { captureSnapshot, createLiveHost, createSnapshotHost } from '../../../src/host/index.js'
import {
  createKernelModel,
  createMemoryHost,
  emptyDirectory,
  file,
  type HostTree,
  hostCases,
  hostSuite,
  link,
  type TreeInput,
} from '../../../src/testing/index.js'
import { failuresOf } from './failures-of.js'

const memory = (tree: HostTree) => ({ host: createMemoryHost(inputOf(tree)) })

describe('the machine itself', () => {
  hostSuite({
    test,
    async create(tree) {
      const under = await writtenTree(tree, { linksBeginThere: true })
      return { host: createLiveHost(), under }
    },
  })
})
describe('a tree', () => {
  hostSuite({ test, create: async (tree) => ({ host: createLiveHost({ root: await writtenTree(tree) }) }) })
})
describe('a memory host', () => hostSuite({ test, create: memory }))
describe('a kernel model', () => {
  hostSuite({
    test,
    create(tree) {
      const model = createKernelModel({})
      model.put({ '/suite': inputOf(tree, '/suite') })
      return { host: model.host, under: '/suite' }
    },
  })
})
describe('a snapshot', () => hostSuite({ test, bytes: false, create: (tree) => ({ host: snapshotOf(tree) }) }))

test('a captured tree answers as the tree does', async () => {
  const tree = createLiveHost({ root: await writtenTree({ '/proc/cpuinfo': 'x\n', '/etc/fstab': '# none\n' }) })
  const query = async () => ({ available: false, reason: 'no' }) as const
  const settings = { mask: false, now: new Date(0), janusVersion: '0.0.0' }
  const host = createSnapshotHost(await captureSnapshot(tree, query, settings))
  expect(await host.readText('/etc/fstab')).toEqual(await tree.readText('/etc/fstab'))
})

/** Hosts with one flaw, by the case that it breaks. */
const flaws: Readonly<Record<string, (good: Host) => Partial<Host>>> = {
  identity: () => ({ description: '' }),
  text: ({ readText }) => ({
    readText: async (path) => {
      const reading = await readText(path)
      return reading.value === '' ? {} : reading
    },
  }),
  absent: ({ stat }) => ({
    stat: async (path) => (path.endsWith('/none') ? { unreadable: 'error' } : stat(path)),
  }),
  'wrong-kind': ({ readText }) => ({
    readText: async (path) => (path === '/etc' ? {} : readText(path)),
  }),
  list: ({ list }) => ({
    list: async (path) => {
      const { value, unreadable } = await list(path)
      return value === undefined ? { unreadable } : { value: [...value].sort((a, b) => a.localeCompare(b)) }
    },
  }),
  'link-target': ({ readLink }) => ({
    readLink: async (path) =>
      (await readLink(path)).value === '/sys/bus/a' ? { value: '/sys/devices/a' } : readLink(path),
  }),
  dangling: ({ exists, readLink }) => ({
    exists: async (path) => (await exists(path)) || (await readLink(path)).value === '/nowhere/at-all',
  }),
  stat: ({ stat }) => ({
    stat: async (path) => {
      const { value, unreadable } = await stat(path)
      return value === undefined ? { unreadable } : { value: { ...value, mode: value.mode | 0o100000 } }
    },
  }),
  'odd-paths': ({ readText }) => ({
    readText: async (path) => {
      if (path.includes('\0')) throw new TypeError('ERR_INVALID_ARG_VALUE')
      return readText(path)
    },
  }),
  'held-by-the-root': ({ exists }) => ({
    exists: async (path) => path.includes('proc/self') || exists(path),
  }),
  'large-text': ({ readBytes, readText }) => ({
    readText: async (path) => {
      const reading = await readText(path)
      if (reading.unreadable !== 'too-large') return reading
      return { value: Buffer.from((await readBytes(path)).value ?? []).toString() }
    },
  }),
  'side-by-side': ({ readText }) => {
    let readers = 0
    return {
      async readText(path) {
        readers += 1
        const busy = readers > 10
        await Promise.resolve()
        readers -= 1
        return busy ? { unreadable: 'timeout' } : readText(path)
      },
    }
  },
  bytes: ({ readText }) => ({
    readBytes: async (path) => {
      const { value, unreadable } = await readText(path)
      return value === undefined ? { unreadable } : { value: Buffer.from(value) }
    },
  }),
}

describe('the host suite', () => {
  it.each(Object.entries(flaws))('finds exactly what is wrong with a host that breaks %s', async (id, flaw) => {
    const create = (tree: HostTree) => {
      const { host } = memory(tree)
      return { host: { ...host, ...flaw(host) } }
    }
    expect(await failuresOf(hostCases(create))).toEqual([id])
  })
})

function inputOf(tree: HostTree, under = ''): TreeInput {
  const entries = Object.entries(tree).map(([path, entry]) => {
    const name = path.slice(1)
    if (typeof entry === 'string' || entry instanceof Uint8Array) return [name, entry] as const
    if ('link' in entry) return [name, link(entry.link.startsWith('/') ? `${under}${entry.link}` : entry.link)] as const
    return [name, 'text' in entry ? file(entry.text, { mode: entry.mode }) : emptyDirectory()] as const
  })
  return Object.fromEntries(entries)
}

async function writtenTree(tree: HostTree, options: { readonly linksBeginThere?: boolean } = {}): Promise<string> {
  const root = await realpath(await mkdtemp(join(tmpdir(), 'janus-host-')))
  onTestFinished(() => rm(root, { recursive: true, force: true }))
  for (const [path, entry] of Object.entries(tree)) {
    const name = join(root, path)
    await mkdir(dirname(name), { recursive: true })
    if (typeof entry === 'string' || entry instanceof Uint8Array) await writeFile(name, entry)
    else if ('directory' in entry) await mkdir(name)
    else if ('link' in entry) {
      const absolute = options.linksBeginThere === true && entry.link.startsWith('/')
      await symlink(absolute ? `${root}${entry.link}` : entry.link, name)
    } else {
      await writeFile(name, entry.text)
      await chmod(name, entry.mode)
    }
  }
  return root
}

/** Every directory with all its names, as a capture has them. */
function snapshotOf(tree: HostTree): Host {
  const directories = new Map<string, Set<string>>([['/', new Set()]])
  const entries: Record<string, object> = {}
  for (const [path, entry] of Object.entries(tree)) {
    for (let child = path; child !== '/'; child = dirname(child)) {
      const names = directories.get(dirname(child)) ?? new Set()
      directories.set(dirname(child), names.add(child.slice(child.lastIndexOf('/') + 1)))
    }
    if (typeof entry === 'string') entries[path] = { text: entry }
    else if (entry instanceof Uint8Array) throw new Error('a snapshot holds texts only')
    else if ('directory' in entry) directories.set(path, new Set())
    else entries[path] = entry
  }
  for (const [path, names] of directories) entries[path] = { names: [...names] }
  return createSnapshotHost({
    schema: 'janus.snapshot/1',
    capturedAt: '2026-01-01T00:00:00.000Z',
    janusVersion: '0.1.0',
    masked: false,
    entries: entries as never,
    queries: {},
  })
}
