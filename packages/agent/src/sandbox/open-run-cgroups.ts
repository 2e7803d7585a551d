import { randomBytes } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { mkdir, readdir, rmdir, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { ExecutionLimits } from '../contract/warrant.js'
import { type CgroupBound, cgroupNumber, FILES_V1, FILES_V2, writeCgroupFiles } from './cgroup-files.js'
import { type CgroupHierarchy, cgroupHierarchies } from './cgroup-hierarchies.js'
import { identifyProcess, isStillThere, parentOf } from './process-identity.js'
import { NO_CGROUPS, type RunCgroup, type RunCgroups } from './run-cgroups.js'

/** Where cgroups are looked for. */
export interface CgroupPlaces {
  readonly mountinfo: string
  readonly membership: string
  /** Makes a directory of a cgroup, which the kernel fills with its files. Default: mkdir(2). */
  makeDirectory?(path: string): Promise<void>
}

/** Directories below which the cgroups of runs are made, by what they bound. */
interface Bases {
  readonly version: 1 | 2
  readonly bounds: Readonly<Partial<Record<CgroupBound, string>>>
  /** Of version 2, where `cgroup.kill` and the processor time are. */
  readonly unified: string | undefined
}

type MakeDirectory = (path: string) => Promise<void>

const CONTROLLERS: Readonly<Record<CgroupBound, string>> = { memory: 'memory', processes: 'pids', cpuRate: 'cpu' }
const BOUNDS: readonly CgroupBound[] = ['memory', 'processes', 'cpuRate']
const DAEMON = 'daemon'
const PREFIX = 'janus-runs-'
const TRIES = 40
const POLL = 5
const PROBE: ExecutionLimits = {
  cpuSeconds: 1,
  wallSeconds: 1,
  memoryBytes: 64 * 1024 * 1024,
  diskBytes: 1,
  cpuPercent: 100,
  processes: 16,
}

/**
 * Finds out which cgroups this process may make for its runs: those of version 2 where they were delegated to it (systemd.resource-control(5), `Delegate=`),
 * else those of version 1 that it may write, else none. Below version 2 it moves itself into a cgroup of its own beside them, because one with controllers
 * for its children holds no processes.
 */
export async function openRunCgroups(places: CgroupPlaces = systemPlaces()): Promise<RunCgroups> {
  const make = places.makeDirectory ?? makeDirectory
  const self = identifyProcess(process.pid)
  if (self === undefined) return NO_CGROUPS
  const hierarchies = cgroupHierarchies(places.mountinfo, places.membership)
  const name = `${PREFIX}${self.pid}-${self.startTime}-${randomBytes(4).toString('hex')}`
  const bases = (await delegatedBases(hierarchies, name, make)) ?? (await writableBases(hierarchies, name, make))
  if (bases === undefined) return NO_CGROUPS
  const { version, bounds, unified } = bases
  const directories = [...new Set([...Object.values(bounds), ...(unified === undefined ? [] : [unified])])]
  return {
    kind: version === 2 ? 'cgroup-v2' : 'cgroup-v1',
    bounds: {
      memory: bounds.memory !== undefined,
      processes: bounds.processes !== undefined,
      cpuRate: bounds.cpuRate !== undefined,
      cpuTime: unified !== undefined,
    },
    kills: unified !== undefined,
    open: (run) => openOne(bases, directories, run, make),
    async close() {
      for (const directory of directories) await removeTree(directory)
    },
  }
}

async function openOne(
  bases: Bases,
  directories: readonly string[],
  run: string,
  make: MakeDirectory,
): Promise<RunCgroup> {
  const own = directories.map((directory) => join(directory, run))
  const unified = bases.unified === undefined ? undefined : join(bases.unified, run)
  const memory = bases.bounds.memory === undefined ? undefined : join(bases.bounds.memory, run)
  const files = bases.version === 2 ? FILES_V2 : FILES_V1
  for (const directory of own) await make(directory)
  let cpuBefore = 0
  const cpuMs = (): number | undefined => {
    const microseconds = cgroupNumber(unified, 'cpu.stat', 'usage_usec')
    return microseconds === undefined ? undefined : microseconds / 1000
  }
  return {
    directory: unified ?? own[0],
    // Asynchronous: the kernel lets this wait for a grace period of its own, milliseconds long.
    async join(pid) {
      for (const directory of own) await writeFile(join(directory, 'cgroup.procs'), String(pid), { flag: 'r+' })
    },
    limit(limits) {
      for (const bound of BOUNDS) {
        const base = bases.bounds[bound]
        if (base !== undefined) writeCgroupFiles(join(base, run), files[bound](limits))
      }
      cpuBefore = cpuMs() ?? 0
    },
    usage() {
      const total = cpuMs()
      const outOfMemory =
        bases.version === 2
          ? cgroupNumber(memory, 'memory.events', 'oom_kill')
          : cgroupNumber(memory, 'memory.oom_control', 'oom_kill')
      return {
        cpuMs: total === undefined ? undefined : total - cpuBefore,
        memoryPeakBytes: cgroupNumber(memory, bases.version === 2 ? 'memory.peak' : 'memory.max_usage_in_bytes'),
        outOfMemory: outOfMemory ?? 0,
      }
    },
    kill() {
      if (unified === undefined) return false
      try {
        writeFileSync(join(unified, 'cgroup.kill'), '1', { flag: 'r+' })
        return true
      } catch {
        return false
      }
    },
    async remove() {
      for (const directory of own) await removeDirectory(directory)
    },
  }
}

/** Version 2, with the controllers given to us. */
async function delegatedBases(
  hierarchies: readonly CgroupHierarchy[],
  name: string,
  make: MakeDirectory,
): Promise<Bases | undefined> {
  const unified = hierarchies.find(({ version }) => version === 2)
  if (unified === undefined) return undefined
  // systemd may have put us into the cgroup beside the runs already (`DelegateSubgroup=`).
  const own = basename(unified.own) === DAEMON ? dirname(unified.own) : unified.own
  const given = wordsOf(join(own, 'cgroup.controllers'))
  const wanted = BOUNDS.filter((bound) => given.includes(CONTROLLERS[bound]))
  if (!wanted.includes('memory') || !wanted.includes('processes')) return undefined
  try {
    const members = wordsOf(join(own, 'cgroup.procs')).map(Number)
    if (!members.every(isOfUs)) return undefined
    await make(join(own, DAEMON))
    for (const pid of members) await writeFile(join(own, DAEMON, 'cgroup.procs'), String(pid), { flag: 'r+' })
    await enable(own, wanted)
    await sweep(own)
    const base = join(own, name)
    await make(base)
    await enable(base, wanted)
    return { version: 2, bounds: Object.fromEntries(wanted.map((bound) => [bound, base])), unified: base }
  } catch {
    return undefined
  }
}

/** Version 1: each controller that lets us. A unified hierarchy without controllers beside it still ends and counts. */
async function writableBases(
  hierarchies: readonly CgroupHierarchy[],
  name: string,
  make: MakeDirectory,
): Promise<Bases | undefined> {
  const bounds: Partial<Record<CgroupBound, string>> = {}
  for (const bound of BOUNDS) {
    const hierarchy = hierarchies.find(
      ({ version, controllers }) => version === 1 && controllers.includes(CONTROLLERS[bound]),
    )
    const base = hierarchy === undefined ? undefined : await makeBase(hierarchy.own, name, make)
    if (base !== undefined && (await takesLimits(base, bound, make))) bounds[bound] = base
  }
  if (Object.keys(bounds).length === 0) return undefined
  const unified = hierarchies.find(({ version }) => version === 2)
  const base = unified === undefined ? undefined : await makeBase(unified.own, name, make)
  return { version: 1, bounds, unified: base !== undefined && hasKill(base) ? base : undefined }
}

async function makeBase(own: string, name: string, make: MakeDirectory): Promise<string | undefined> {
  try {
    await sweep(own)
    await make(join(own, name))
    return join(own, name)
  } catch {
    return undefined
  }
}

async function takesLimits(base: string, bound: CgroupBound, make: MakeDirectory): Promise<boolean> {
  const probe = join(base, 'probe')
  try {
    await make(probe)
    writeCgroupFiles(probe, FILES_V1[bound](PROBE))
    return true
  } catch {
    return false
  } finally {
    await removeDirectory(probe)
  }
}

/** What a daemon that is gone left: its runs ended with it. */
async function sweep(own: string): Promise<void> {
  for (const entry of await readdir(own)) {
    const [, pid, startTime] = /^janus-runs-(\d+)-(\d+)-[0-9a-f]{8}$/.exec(entry) ?? []
    if (pid === undefined || startTime === undefined || isStillThere({ pid: Number(pid), startTime })) continue
    await removeTree(join(own, entry))
  }
}

async function removeTree(directory: string): Promise<void> {
  const children = await readdir(directory, { withFileTypes: true }).catch(() => [])
  for (const child of children) if (child.isDirectory()) await removeDirectory(join(directory, child.name))
  await removeDirectory(directory)
}

/** It stays busy for a moment after its last process. */
async function removeDirectory(directory: string): Promise<void> {
  for (let tries = 0; tries < TRIES; tries += 1) {
    try {
      await rmdir(directory)
      return
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EBUSY') return
      await delay(POLL)
    }
  }
}

async function makeDirectory(path: string): Promise<void> {
  await mkdir(path, { recursive: true })
}

async function enable(directory: string, bounds: readonly CgroupBound[]): Promise<void> {
  const text = bounds.map((bound) => `+${CONTROLLERS[bound]}`).join(' ')
  await writeFile(join(directory, 'cgroup.subtree_control'), text, { flag: 'r+' })
}

function hasKill(base: string): boolean {
  try {
    readFileSync(join(base, 'cgroup.events'))
    writeFileSync(join(base, 'cgroup.kill'), '1', { flag: 'r+' })
    return true
  } catch {
    return false
  }
}

/** Ourselves, or somebody whom we started. */
function isOfUs(pid: number): boolean {
  for (
    let candidate: number | undefined = pid;
    candidate !== undefined && candidate > 1;
    candidate = parentOf(candidate)
  )
    if (candidate === process.pid) return true
  return false
}

function wordsOf(path: string): readonly string[] {
  try {
    return readFileSync(path, 'utf8')
      .split(/\s+/)
      .filter((word) => word !== '')
  } catch {
    return []
  }
}

function systemPlaces(): CgroupPlaces {
  const textOf = (path: string): string => {
    try {
      return readFileSync(path, 'utf8')
    } catch {
      return ''
    }
  }
  return { mountinfo: textOf('/proc/self/mountinfo'), membership: textOf('/proc/self/cgroup') }
}
