import { readFileSync, writeFileSync } from 'node:fs'
import { readdir, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { ExecutionLimits } from '../contract/warrant.js'
import { removeCgroup, removeCgroupTree } from './cgroup-directories.js'
import { type CgroupBound, FILES_V1, writeCgroupFiles } from './cgroup-files.js'
import type { CgroupHierarchy } from './cgroup-hierarchies.js'
import { isStillThere, parentOf } from './process-identity.js'

/** Directories below which the cgroups of runs are made, by what they bound. */
export interface CgroupBases {
  readonly version: 1 | 2
  readonly bounds: Readonly<Partial<Record<CgroupBound, string>>>
  /** Of version 2, where `cgroup.kill` and the processor time are. */
  readonly unified: string | undefined
}

/** Makes a directory of a cgroup. */
export type MakeDirectory = (path: string) => Promise<void>

const CONTROLLERS: Readonly<Record<CgroupBound, string>> = { memory: 'memory', processes: 'pids', cpuRate: 'cpu' }
/** Everything that a cgroup can bound. */
export const BOUNDS: readonly CgroupBound[] = ['memory', 'processes', 'cpuRate']
const DAEMON = 'daemon'
const PROBE: ExecutionLimits = {
  cpuSeconds: 1,
  wallSeconds: 1,
  memoryBytes: 64 * 1024 * 1024,
  diskBytes: 1,
  cpuPercent: 100,
  processes: 16,
}

/** Version 2, with the controllers given to us. */
export async function delegatedBases(
  hierarchies: readonly CgroupHierarchy[],
  name: string,
  make: MakeDirectory,
): Promise<CgroupBases | undefined> {
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
export async function writableBases(
  hierarchies: readonly CgroupHierarchy[],
  name: string,
  make: MakeDirectory,
): Promise<CgroupBases | undefined> {
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
    await removeCgroup(probe)
  }
}

/** What a daemon that is gone left: its runs ended with it. */
async function sweep(own: string): Promise<void> {
  for (const entry of await readdir(own)) {
    const [, pid, startTime] = /^janus-runs-(\d+)-(\d+)-[0-9a-f]{8}$/.exec(entry) ?? []
    if (pid === undefined || startTime === undefined || isStillThere({ pid: Number(pid), startTime })) continue
    await removeCgroupTree(join(own, entry))
  }
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
