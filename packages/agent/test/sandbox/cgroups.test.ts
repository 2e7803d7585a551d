import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { cgroupHierarchies } from '../../src/sandbox/cgroup-hierarchies.js'
import { openRunCgroups } from '../../src/sandbox/open-run-cgroups.js'
import { SMALL } from '../support/small-limits.js'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'janus-cgroups-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

describe('the hierarchies of cgroups', () => {
  test('are found where they are mounted, with the cgroup that we are in', () => {
    const mountinfo = [
      '30 25 0:26 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw',
      '31 25 0:27 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory',
      '32 25 0:28 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct',
      '33 25 0:29 /docker/abc /sys/fs/cgroup/pids rw - cgroup cgroup rw,pids',
      '34 25 0:30 / /tmp rw - tmpfs tmpfs rw',
    ].join('\n')
    const membership =
      '8:memory:/a/b\n7:cpu,cpuacct:/\n6:pids:/docker/abc/run\n5:freezer:/x\n0::/system.slice/janus.service\n'
    expect(cgroupHierarchies(mountinfo, membership)).toEqual([
      { version: 1, controllers: ['memory'], own: '/sys/fs/cgroup/memory/a/b' },
      { version: 1, controllers: ['cpu', 'cpuacct'], own: '/sys/fs/cgroup/cpu,cpuacct/' },
      { version: 1, controllers: ['pids'], own: '/sys/fs/cgroup/pids/run' },
      { version: 2, controllers: [], own: '/sys/fs/cgroup/unified/system.slice/janus.service' },
    ])
  })

  test('are none where nothing is mounted, and none that lie outside of what is mounted', () => {
    expect(cgroupHierarchies('', '0::/a')).toEqual([])
    expect(cgroupHierarchies('1 2 0:1 /other /c rw - cgroup2 cgroup2 rw', '0::/a')).toEqual([])
    expect(cgroupHierarchies('garbage\n- - -', 'garbage')).toEqual([])
  })
})

describe('cgroups of version 2, as a model: files in a directory', () => {
  const FILES = [
    'cgroup.procs',
    'cgroup.subtree_control',
    'cgroup.kill',
    'memory.max',
    'memory.swap.max',
    'memory.oom.group',
    'pids.max',
    'cpu.max',
  ]

  async function model(name: string, members: string, controllers: string) {
    const own = join(folder, name)
    const makeDirectory = async (path: string): Promise<void> => {
      await mkdir(path, { recursive: true })
      for (const file of FILES) await writeFile(join(path, file), '')
      await writeFile(join(path, 'cpu.stat'), 'usage_usec 2500000\nuser_usec 1\n')
      await writeFile(join(path, 'memory.events'), 'low 0\noom 2\noom_kill 1\n')
      await writeFile(join(path, 'memory.peak'), '12345\n')
    }
    await makeDirectory(own)
    await writeFile(join(own, 'cgroup.procs'), members)
    await writeFile(join(own, 'cgroup.controllers'), controllers)
    return {
      own,
      places: { mountinfo: `1 2 0:1 / ${folder} rw - cgroup2 cgroup2 rw`, membership: `0::/${name}`, makeDirectory },
    }
  }

  test('that are delegated: the daemon moves aside, a run gets its bounds and is read after its end', async () => {
    const { own, places } = await model('delegated', `${process.pid}\n`, 'cpu io memory pids\n')
    const cgroups = await openRunCgroups(places)
    expect(cgroups).toMatchObject({
      kind: 'cgroup-v2',
      kills: true,
      bounds: { memory: true, processes: true, cpuRate: true, cpuTime: true },
    })
    expect(await readFile(join(own, 'daemon', 'cgroup.procs'), 'utf8')).toBe(String(process.pid))
    expect(await readFile(join(own, 'cgroup.subtree_control'), 'utf8')).toBe('+memory +pids +cpu')
    const [base = ''] = (await readdir(own)).filter((entry) => entry.startsWith('janus-runs-'))
    expect(await readFile(join(own, base, 'cgroup.subtree_control'), 'utf8')).toBe('+memory +pids +cpu')

    const run = await cgroups.open('run-1')
    expect(run.directory).toBe(join(own, base, 'run-1'))
    expect(run.entries).toEqual([join(own, base, 'run-1', 'cgroup.procs')])
    run.limit(SMALL)
    const read = (file: string) => readFile(join(own, base, 'run-1', file), 'utf8')
    expect(
      await Promise.all(['memory.max', 'memory.swap.max', 'memory.oom.group', 'pids.max', 'cpu.max'].map(read)),
    ).toEqual([String(SMALL.memoryBytes), '0', '1', String(SMALL.processes + 4), '100000 100000'])
    expect(run.usage()).toEqual({ cpuMs: 0, memoryPeakBytes: 12_345, outOfMemory: 1 })
    expect(run.kill()).toBe(true)
    expect(await read('cgroup.kill')).toBe('1')
  })

  test.each([
    ['that hold somebody else too', 'shared', '1\n', 'cpu memory pids\n'],
    ['without their controllers', 'bare', '', 'io\n'],
  ])('%s are left alone', async (_, name, members, controllers) => {
    const { own, places } = await model(name, members, controllers)
    expect(await openRunCgroups(places)).toMatchObject({ kind: 'none' })
    expect(await readdir(own)).not.toContain('daemon')
  })
})

describe('the cgroups of this machine', () => {
  test('are told as they are, and nothing of them is left', async () => {
    const cgroups = await openRunCgroups()
    const run = await cgroups.open('run-1')
    await promisify(execFile)('/bin/sh', ['-ec', ENTER, 'enter', run.directory ?? '', ...run.entries])
    run.limit(SMALL)
    expect(cgroups.kind === 'none').toBe(run.directory === undefined)
    expect(run.usage().outOfMemory).toBe(0)
    if (cgroups.kills) expect(run.kill()).toBe(true)
    await run.remove()
    await cgroups.close()
    if (run.directory !== undefined) await expect(readdir(run.directory)).rejects.toThrow('ENOENT')
  })

  test('bound a run that uses them again to more memory than the one before, and to less', async () => {
    const cgroups = await openRunCgroups()
    const run = await cgroups.open('run-1')
    try {
      const memory = run.entries.map((entry) => join(dirname(entry), MEMORY_BOUND)).find((file) => existsSync(file))
      for (const memoryBytes of [SMALL.memoryBytes, 4 * SMALL.memoryBytes, 2 * SMALL.memoryBytes]) {
        run.limit({ ...SMALL, memoryBytes })
        if (memory !== undefined) expect(await readFile(memory, 'utf8')).toBe(`${memoryBytes}\n`)
      }
    } finally {
      await run.remove()
      await cgroups.close()
    }
  })
})

const MEMORY_BOUND = 'memory.limit_in_bytes'

/** Enters, and then looks for itself there. */
const ENTER =
  'seen=$1; shift; for entry; do echo 0 >"$entry"; done; [ -z "$seen" ] || grep -qx "$$" "$seen/cgroup.procs"'
