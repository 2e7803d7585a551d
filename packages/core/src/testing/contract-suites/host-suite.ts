import assert from 'node:assert/strict'
import type { Host, Reading } from '../../contract/host.js'
import type { ConformanceCase } from '../conformance/conformance-case.js'
import { type RunnerTest, registerCases } from './register-cases.js'

/** What lies at a path: text of a file, bytes, a link with its target as stored, a file with a mode, an empty directory. */
export type HostTreeEntry =
  | string
  | Uint8Array
  | { readonly link: string }
  | { readonly text: string; readonly mode: number }
  | { readonly directory: true }

/** What a host of the suite has to show, by absolute path. Directories above an entry are there too. */
export type HostTree = Readonly<Record<string, HostTreeEntry>>

/** A host that shows a tree. */
export interface HostUnderTest {
  readonly host: Host
  /** Where the tree begins, for a host that shows more than the tree. Default: its root. Absolute link targets begin there too. */
  readonly under?: string
}

/** Makes a host that shows a tree; called once for each case. */
export type CreateHost = (tree: HostTree) => HostUnderTest | Promise<HostUnderTest>

/** What cannot be asked of every host. */
export interface HostTraits {
  /** False for a host that knows texts only. Default: true. */
  readonly bytes?: boolean
}

/** What {@link hostSuite} takes. */
export interface HostSuiteOptions extends HostTraits {
  /** Declares one test: `test` of node:test, vitest or any other runner. */
  readonly test: RunnerTest
  readonly create: CreateHost
}

const MOST_TEXT = 1_048_576
const TREE: HostTree = {
  '/etc/hostname': 'lab\n',
  '/etc/empty': '',
  '/etc/shadow-like': { text: 'secret', mode: 0o640 },
  '/etc/conf.d': { directory: true },
  '/sys/devices/a/vendor': '0x8086\n',
  '/sys/devices/a/2': '2',
  '/sys/devices/a/10': '10',
  '/sys/devices/a/Z': 'Z',
  '/sys/bus/a': { link: '../devices/a' },
  '/sys/bus/again': { link: 'a' },
  '/sys/class/a': { link: '/sys/devices/a' },
  '/sys/dangling': { link: '../nowhere/at-all' },
  '/sys/loop': { link: 'pool' },
  '/sys/pool': { link: 'loop' },
}

/** Registers the suite of the {@link Host} contract with a test runner. */
export function hostSuite({ test, create, ...traits }: HostSuiteOptions): void {
  registerCases(test, hostCases(create, traits))
}

/** What every host holds to, for somebody without a test runner: see {@link runCases}. */
export function hostCases(create: CreateHost, { bytes = true }: HostTraits = {}): readonly ConformanceCase[] {
  const open = async (tree: HostTree = TREE) => {
    const { host, under = '' } = await create(tree)
    return { host, at: (path: string) => `${under}${path}` }
  }
  const cases: readonly ConformanceCase[] = [
    {
      id: 'identity',
      title: 'says what it is, with an absolute root',
      async run() {
        const { host } = await open()
        assert.ok(['live', 'tree', 'snapshot'].includes(host.kind), `kind is ${host.kind}`)
        assert.match(host.root, /^\//)
        assert.notEqual(host.description.trim(), '')
      },
    },
    {
      id: 'text',
      title: 'reads text as it is, the last newline included',
      async run() {
        const { host, at } = await open()
        requireValue(await host.readText(at('/etc/hostname')), 'lab\n')
        requireValue(await host.readText(at('/etc/empty')), '')
        requireValue(await host.readBytes(at('/etc/hostname')), Buffer.from('lab\n'))
        requireValue(await piecesOf(host, at('/etc/hostname')), Buffer.from('lab\n'))
      },
    },
    {
      id: 'absent',
      title: 'answers with nothing, not with a reason, where nothing is',
      async run() {
        const { host, at } = await open()
        for (const path of ['/etc/none', '/etc/conf.d/none', '/etc/hostname/below-a-file'].map(at)) {
          for (const reading of await everyReading(host, path)) requireNothing(reading, path)
          assert.equal(await host.exists(path), false)
        }
      },
    },
    {
      id: 'wrong-kind',
      title: 'tells a directory that is read from a file that is not there',
      async run() {
        const { host, at } = await open()
        requireUnreadable(await host.readText(at('/etc')), 'error')
        requireNothing(await host.list(at('/etc/hostname')), 'the names in a file')
        requireNothing(await host.readLink(at('/etc/hostname')), 'the target of a file')
        requireNothing(await host.readLinkText(at('/etc')), 'the target of a directory')
      },
    },
    {
      id: 'list',
      title: 'lists all names of a directory, sorted by code point',
      async run() {
        const { host, at } = await open()
        requireValue(await host.list(at('/sys/devices/a')), ['10', '2', 'Z', 'vendor'])
        requireValue(await host.list(at('/sys/bus/a')), ['10', '2', 'Z', 'vendor'])
        requireValue(await host.list(at('/etc/conf.d')), [])
        requireValue(await host.list(at('/sys')), ['bus', 'class', 'dangling', 'devices', 'loop', 'pool'])
      },
    },
    {
      id: 'links',
      title: 'follows links on the way and at the end, relative and absolute ones',
      async run() {
        const { host, at } = await open()
        for (const way of ['/sys/bus/a', '/sys/bus/again', '/sys/class/a']) {
          requireValue(await host.readText(at(`${way}/vendor`)), '0x8086\n')
          assert.equal(await host.exists(at(way)), true)
          assert.equal((await host.stat(at(way))).value?.type, 'directory')
        }
      },
    },
    {
      id: 'link-target',
      title: 'tells where a link leads: one hop, absolute; and the link as it is stored',
      async run() {
        const { host, at } = await open()
        requireValue(await host.readLink(at('/sys/bus/a')), at('/sys/devices/a'))
        requireValue(await host.readLink(at('/sys/bus/again')), at('/sys/bus/a'))
        requireValue(await host.readLink(at('/sys/class/a')), at('/sys/devices/a'))
        requireValue(await host.readLinkText(at('/sys/bus/a')), '../devices/a')
        requireValue(await host.readLinkText(at('/sys/class/a')), at('/sys/devices/a'))
      },
    },
    {
      id: 'dangling',
      title: 'gives a link that leads nowhere, and nothing behind it',
      async run() {
        const { host, at } = await open()
        requireValue(await host.readLink(at('/sys/dangling')), at('/nowhere/at-all'))
        assert.equal(await host.exists(at('/sys/dangling')), false)
        assert.equal((await host.readText(at('/sys/dangling'))).value, undefined)
      },
    },
    {
      id: 'loop',
      title: 'ends a loop of links with a reason',
      async run() {
        const { host, at } = await open()
        requireUnreadable(await host.readText(at('/sys/loop')), 'error')
        assert.equal(await host.exists(at('/sys/loop')), false)
        requireValue(await host.readLinkText(at('/sys/loop')), 'pool')
      },
    },
    {
      id: 'stat',
      title: 'tells type, permission bits and size, of what a link leads to',
      async run() {
        const { host, at } = await open()
        const { value } = await host.stat(at('/etc/shadow-like'))
        assert.deepEqual([value?.type, value?.mode, value?.size], ['file', 0o640, 6])
        assert.equal((await host.stat(at('/sys/bus/a/2'))).value?.type, 'file')
        assert.equal((await host.stat(at('/etc/conf.d'))).value?.type, 'directory')
      },
    },
    {
      id: 'odd-paths',
      title: 'answers a path that is none with a reason, and never throws',
      async run() {
        const { host, at } = await open()
        for (const path of ['etc/hostname', '', '.', at('/etc/host\0name')]) {
          requireUnreadable(await host.readText(path), 'error')
          for (const reading of await everyReading(host, path)) assert.equal(reading.value, undefined)
          assert.equal(await host.exists(path), false)
        }
        requireValue(await host.readText(at('/etc//conf.d/../hostname')), 'lab\n')
      },
    },
    {
      id: 'held-by-the-root',
      title: 'shows nothing of the machine it runs on, unless it is that machine',
      async run() {
        const up = '../'.repeat(20)
        const { host, at } = await open({ '/up': { link: `${up}proc/self/status` }, '/dir': { link: up } })
        if (host.kind === 'live') return
        for (const path of ['/up', '/dir/proc/self/status', `/${up}proc/self/status`, '/proc/self/status'].map(at)) {
          assert.equal((await host.readText(path)).value, undefined, `${path} leads out of the root`)
          assert.equal(await host.exists(path), false)
        }
      },
    },
    {
      id: 'large-text',
      title: 'reads a text of 1 MiB, and says of a larger one that it is too large',
      async run() {
        const { host, at } = await open({ '/full': 'x'.repeat(MOST_TEXT), '/large': 'x'.repeat(MOST_TEXT + 1) })
        assert.equal((await host.readText(at('/full'))).value?.length, MOST_TEXT)
        requireUnreadable(await host.readText(at('/large')), 'too-large')
      },
    },
    {
      id: 'side-by-side',
      title: 'answers the same to many at once',
      async run() {
        const { host, at } = await open()
        const readings = await Promise.all(Array.from({ length: 50 }, () => host.readText(at('/sys/bus/again/vendor'))))
        for (const reading of readings) requireValue(reading, '0x8086\n')
      },
    },
  ]
  const binary: ConformanceCase = {
    id: 'bytes',
    title: 'reads bytes as they are, and as text with a mark for what is not UTF-8',
    async run() {
      const { host, at } = await open({ '/x': Uint8Array.of(0x61, 0xff, 0x00, 0x62) })
      requireValue(await host.readBytes(at('/x')), Buffer.of(0x61, 0xff, 0x00, 0x62))
      requireValue(await piecesOf(host, at('/x')), Buffer.of(0x61, 0xff, 0x00, 0x62))
      requireValue(await host.readText(at('/x')), 'a\ufffd\0b')
    },
  }
  return bytes ? [...cases, binary] : cases
}

function everyReading(host: Host, path: string): Promise<readonly Reading<unknown>[]> {
  return Promise.all<Reading<unknown>>([
    host.readText(path),
    host.readBytes(path),
    piecesOf(host, path),
    host.readLink(path),
    host.readLinkText(path),
    host.list(path),
    host.stat(path),
  ])
}

async function piecesOf(host: Host, path: string): Promise<Reading<Uint8Array>> {
  const { value, unreadable } = await host.readPieces(path)
  if (value === undefined) return unreadable === undefined ? {} : { unreadable }
  const pieces: Uint8Array[] = []
  for await (const piece of value) pieces.push(piece)
  return { value: Buffer.concat(pieces) }
}

function requireValue(reading: Reading<unknown>, value: unknown): void {
  const plain = reading.value instanceof Uint8Array ? Buffer.from(reading.value) : reading.value
  assert.deepEqual([plain, reading.unreadable], [value, undefined])
}

function requireNothing(reading: Reading<unknown>, what: string): void {
  assert.deepEqual([reading.value, reading.unreadable], [undefined, undefined], `${what} must be nothing`)
}

function requireUnreadable(reading: Reading<unknown>, reason: Reading<unknown>['unreadable']): void {
  assert.deepEqual([reading.value, reading.unreadable], [undefined, reason])
}
