import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, openSync } from 'node:fs'
import { chmod, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import {
  type LedgerRecord,
  openSegmentedLedger,
  readSegments,
  type SegmentedVerification,
  verifySegmentedLedger,
} from '../../src/ledger/index.js'
import { type FileOperations, systemFileOperations } from '../../src/state/index.js'
import { eachLedgerDirectory } from './each-ledger-directory.js'
import { createFragileDisk, type FragileDisk } from './fragile-disk.js'

const run = promisify(execFile)
const program = (name: string): string => fileURLToPath(new URL(`../fixtures/programs/${name}`, import.meta.url))
const node = [process.execPath, '--import', import.meta.resolve('tsx')] as const

// Some containers do not let their users have name spaces of their own.
const canMount = await run('unshare', ['-Urm', 'true']).then(
  () => true,
  () => false,
)

let directory: string
eachLedgerDirectory((path) => {
  directory = path
})

const eio = () => Promise.reject(Object.assign(new Error('EIO: i/o error'), { code: 'EIO' }))
const faults: readonly (readonly [string, Partial<FileOperations>])[] = [
  ['a full device', { write: (_, bytes) => systemFileOperations.write(openSync('/dev/full', 'w'), bytes) }],
  ['a short write', { write: (descriptor, bytes) => systemFileOperations.write(descriptor, bytes.subarray(0, 7)) }],
  [
    'a write that fails half way',
    { write: async (to, bytes) => systemFileOperations.write(to, bytes.subarray(9)).then(eio) },
  ],
  ['a failed fsync', { fsync: eio }],
]

describe('attack 17, a failed write', () => {
  test.each(faults)(
    'for %s fails the append and every later one, urgent or not, and leaves what was acknowledged',
    async (_, fault) => {
      const { fileOperations, breakWith } = breakable()
      const ledger = await openSegmentedLedger({ directory, fileOperations })
      const good = await ledger.append('good', {})
      breakWith(fault)
      const both = [1, 2].map((n) => ({ type: 'lost', payload: n }))
      const appends = await Promise.allSettled([ledger.append('lost', 0), ledger.appendAll(both, { urgent: true })])
      breakWith({})
      for (const append of appends)
        expect(append).toMatchObject({
          status: 'rejected',
          reason: { code: 'JANUS_LEDGER_WRITE_FAILED', remedy: expect.stringContaining('open the ledger again') },
        })
      for (const urgent of [false, true])
        await expect(ledger.append('late', {}, { urgent })).rejects.toMatchObject({ code: 'JANUS_LEDGER_WRITE_FAILED' })
      expect(ledger).toMatchObject({ lastSeq: 1, durableHead: { seq: 1, hash: good.hash } })
      await ledger.close()
      expect(await collected()).toEqual([good])
      const again = await openSegmentedLedger({ directory })
      expect(await again.append('again', {})).toMatchObject({ seq: 2, prevHash: good.hash })
      await again.close()
    },
  )

  test('is followed by urgent records where nothing but room is missing, in the order they were asked for', async () => {
    const { fileOperations, breakWith } = breakable()
    const ledger = await openSegmentedLedger({ directory, fileOperations, reserveBytes: 4096 })
    expect(ledger.reserve).toBe('held')
    const good = await ledger.append('good', {})
    // A disk with no room but the reserve's.
    breakWith({
      write: async (to, bytes) => {
        if (existsSync(join(directory, 'reserve')))
          throw Object.assign(new Error('ENOSPC: no space left'), { code: 'ENOSPC' })
        return systemFileOperations.write(to, bytes)
      },
    })
    const changing = { n: 1 }
    const asked = [
      ledger.append('lost', {}),
      ledger.append('stop', changing, { urgent: true }),
      ledger.append('lost', {}),
      ledger.append('stop', { n: 2 }, { urgent: true }),
    ]
    changing.n = 7
    const appends = await Promise.allSettled(asked)
    expect(appends.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'rejected', 'fulfilled'])
    await expect(ledger.append('late', {})).rejects.toMatchObject({ code: 'JANUS_LEDGER_WRITE_FAILED' })
    const last = await ledger.append('stop', { n: 3 }, { urgent: true })
    await ledger.close()
    const records = await collected()
    expect(records.map(({ seq, payload }) => [seq, payload])).toEqual([
      [1, {}],
      [2, { n: 1 }],
      [3, { n: 2 }],
      [4, { n: 3 }],
    ])
    expect(records[0]).toEqual(good)
    expect(records[3]).toEqual(last)
    expect(records.slice(1, 3)).toEqual(
      appends.flatMap((append) => (append.status === 'fulfilled' ? [append.value] : [])),
    )
  })
})

describe('a process that ends', () => {
  const ends: readonly (readonly [string, (disk: FragileDisk, count: number) => Promise<void>])[] = [
    ['a process that is killed', async () => undefined],
    ['a power cut that takes what was not synced', (disk) => disk.cutPower(0)],
    ['a power cut that takes some of it', (disk, count) => disk.cutPower((count % 7) / 7)],
  ]

  test.each(ends)(
    '%s, at any system call, leaves a ledger that opens, with what was acknowledged and no half of a group',
    async (_, end) => {
      let ended = 0
      for (let count = 1; ; count += 1) {
        await rm(directory, { recursive: true, force: true })
        const disk = createFragileDisk(count)
        let time = Date.parse('2025-01-01T00:00:00Z')
        const now = () => new Date(time)
        const acknowledged: LedgerRecord[] = []
        try {
          const options = { directory, rotateBytes: 1500, reserveBytes: 100, now, fileOperations: disk.operations }
          const ledger = await openSegmentedLedger(options)
          try {
            for (let n = 0; n < 8; n += 1) {
              time += 6 * 3600 * 1000
              const parts = Array.from({ length: 1 + (n % 3) }, (_, part) => ({ type: 'part', payload: { n, part } }))
              acknowledged.push(...(await ledger.appendAll(parts)))
            }
            await ledger.expire(new Date(time - 24 * 3600 * 1000), { reason: 'a day' })
            acknowledged.push(await ledger.append('last', {}))
          } finally {
            await ledger.close().catch(() => undefined)
          }
        } catch {}
        if (disk.calls() < count) break
        ended = count
        await end(disk, count)
        const ledger = await openSegmentedLedger({ directory, rotateBytes: 1500, now })
        await ledger.append('after', {})
        await ledger.close()
        const { intact, torn, firstSeq } = await verifySegmentedLedger(directory)
        expect({ intact, torn }).toEqual({ intact: true, torn: undefined })
        const records = await collected()
        const held = acknowledged.filter(({ seq }) => seq >= firstSeq)
        for (const record of held) expect(records[record.seq - firstSeq]).toEqual(record)
        const parts = records.filter(({ type }) => type === 'part').length
        expect([0, 1, 3, 6, 7, 9, 12, 13, 15]).toContain(parts + (firstSeq - 1))
      }
      expect(ended).toBeGreaterThan(30)
    },
  )

  test('by kill -9, twenty times amid the appends of eight producers, has lost nothing that was acknowledged', async () => {
    const acknowledged = new Map<string, string>()
    for (let round = 0; round < 20; round += 1) {
      const enough = acknowledged.size + 1 + ((round * 61) % 240)
      const child = spawn(node[0], [...node.slice(1), program('append-to-segments.ts'), directory, String(round)], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      for await (const line of createInterface({ input: child.stdout })) {
        const [seq = '', hash = ''] = line.split(' ')
        if (hash.length === 64) acknowledged.set(seq, hash)
        if (acknowledged.size >= enough) child.kill('SIGKILL')
      }
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
      expect(child.signalCode).toBe('SIGKILL')
    }
    await (await openSegmentedLedger({ directory })).close()
    const verification = await verifySegmentedLedger(directory)
    expect(verification).toMatchObject({ intact: true })
    expect(verification.segments).toBeGreaterThan(20)
    const found = new Map((await collected()).map((record) => [record.seq, record]))
    expect([...acknowledged].filter(([seq, hash]) => found.get(Number(seq))?.hash !== hash)).toEqual([])
    expect(acknowledged.size).toBeGreaterThan(1000)
    const groups = new Map<string, number>()
    for (const { type, payload } of found.values()) {
      const { run: by, producer, n } = payload as Record<string, unknown>
      if (type === 'part') groups.set(`${by} ${producer} ${n}`, (groups.get(`${by} ${producer} ${n}`) ?? 0) + 1)
    }
    const whole = (group: string): number => {
      const [, producer = 0, n = 0] = group.split(' ').map(Number)
      return 1 + ((producer + n) % 4)
    }
    expect([...groups].filter(([group, parts]) => parts !== whole(group))).toEqual([])
  })
})

test('attack 27, two daemons: of twelve processes that open a ledger at once one gets it, and the others are told which', async () => {
  const children = Array.from({ length: 12 }, () =>
    spawn(node[0], [...node.slice(1), program('hold-segments.ts'), directory], { stdio: ['pipe', 'pipe', 'inherit'] }),
  )
  const answers = await Promise.all(
    children.map(async ({ stdout }) => {
      for await (const line of createInterface({ input: stdout })) return JSON.parse(line) as Record<string, unknown>
      return {}
    }),
  )
  const winners = answers.filter(({ won }) => won !== undefined)
  expect(winners).toHaveLength(1)
  for (const answer of answers.filter(({ won }) => won === undefined)) {
    expect(answer).toMatchObject({ code: 'JANUS_STATE_LOCKED' })
    const { holder } = answer.data as { holder?: { pid: number } }
    // A holder that has only just taken the lock has not written its name yet.
    if (holder !== undefined) expect(holder.pid).toBe(winners[0]?.won)
  }
  for (const child of children) child.stdin.end()
  await Promise.all(children.map((child) => (child.exitCode === null ? once(child, 'exit') : undefined)))
})

describe('attack 17, disk full: a disk', () => {
  test.skipIf(!canMount)(
    'of 64 KB that is full keeps what was acknowledged and takes an urgent record from the room kept aside',
    async () => {
      const { acknowledged, codes, urgent, reserves, full, found, bavail } = await fillSmallDisk()
      expect(codes).toEqual(Array(3).fill('JANUS_LEDGER_WRITE_FAILED'))
      expect(urgent).toBe(3)
      expect(reserves).toEqual(['held', 'held', 'released', 'absent', 'held'])
      expect(bavail).toBeLessThan(4)
      expect(acknowledged.length).toBeGreaterThan(60)
      expect(full).toMatchObject({ intact: true, records: acknowledged.length - 1 })
      expect(full.torn).toBeUndefined()
      expect(full.segments).toBeGreaterThan(3)
      expect(found).toEqual(acknowledged)
    },
  )

  test('that takes no file longer than a limit keeps what was acknowledged', async () => {
    const script = 'ulimit -f 8; exec "$@"'
    const { stdout } = await run('bash', ['-c', script, 'bash', ...node, program('fill-segments.ts'), directory])
    const { acknowledged, codes } = JSON.parse(stdout) as { acknowledged: string[]; codes: string[] }
    expect(codes).toEqual(['JANUS_LEDGER_WRITE_FAILED', 'JANUS_LEDGER_WRITE_FAILED'])
    expect((await collected()).map(({ hash }) => hash)).toEqual(acknowledged)
    expect(acknowledged.length).toBeGreaterThan(5)
  })
})

interface SmallDisk {
  readonly acknowledged: readonly string[]
  readonly codes: readonly string[]
  readonly urgent: number
  readonly reserves: readonly string[]
  readonly bavail: number
  readonly full: SegmentedVerification
  readonly found: readonly string[]
}

// To an unprivileged user's name space the machine's root directory is a stranger's: it gets one of its own, with everything of the machine in it.
const SMALL_DISK = `set -e
mount -t tmpfs -o mode=755 tmpfs "$0"
for path in /*; do
  name="$0$path"
  if [ -L "$path" ]; then cp -P "$path" "$name"; elif [ -d "$path" ]; then mkdir "$name"; mount --rbind "$path" "$name"; fi
done
mkdir "$0/disk"
mount -t tmpfs -o size=64k,mode=755 tmpfs "$0/disk"
exec chroot "$0" "$@"`

/** In a mount name space of an unprivileged user: nobody else sees the file system, and it goes with the process. */
async function fillSmallDisk(): Promise<SmallDisk> {
  const folder = dirname(directory)
  await chmod(folder, 0o755)
  const args = ['-Urm', '--', 'bash', '-c', SMALL_DISK, folder, ...node, program('fill-small-disk.ts'), '/disk']
  const identity = process.getuid?.() === 0 ? { uid: 4242, gid: 4242 } : {}
  const env = { ...process.env, HOME: '/', TSX_DISABLE_CACHE: '1' }
  const { stdout } = await run('unshare', args, { ...identity, env })
  return JSON.parse(stdout) as SmallDisk
}

function breakable(): {
  readonly fileOperations: FileOperations
  readonly breakWith: (fault: Partial<FileOperations>) => void
} {
  let current: Partial<FileOperations> = {}
  const choose = <Name extends keyof FileOperations>(name: Name): FileOperations[Name] =>
    ((...args: never[]) =>
      ((current[name] ?? systemFileOperations[name]) as (...given: never[]) => unknown)(
        ...args,
      )) as FileOperations[Name]
  return {
    fileOperations: {
      open: choose('open'),
      write: choose('write'),
      fsync: choose('fsync'),
      truncate: choose('truncate'),
      close: choose('close'),
    },
    breakWith: (fault) => {
      current = fault
    },
  }
}

async function collected(): Promise<LedgerRecord[]> {
  const records: LedgerRecord[] = []
  for await (const record of readSegments(directory)) records.push(record)
  return records
}
