import { randomBytes } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ExecutionLimits } from '../contract/warrant.js'
import { BOUNDS, type CgroupBases, delegatedBases, type MakeDirectory, writableBases } from './cgroup-bases.js'
import { makeCgroup, removeCgroup, removeCgroupTree } from './cgroup-directories.js'
import { cgroupNumber, FILES_V1, FILES_V2, writeCgroupFiles } from './cgroup-files.js'
import { cgroupHierarchies } from './cgroup-hierarchies.js'
import { identifyProcess } from './process-identity.js'
import { NO_CGROUPS, type RunCgroup, type RunCgroups } from './run-cgroups.js'

/** Where cgroups are looked for. */
export interface CgroupPlaces {
  readonly mountinfo: string
  readonly membership: string
  /** Makes a directory of a cgroup, which the kernel fills with its files. Default: mkdir(2). */
  makeDirectory?(path: string): Promise<void>
}

const PREFIX = 'janus-runs-'

/**
 * Finds out which cgroups this process may make for its runs: those of version 2 where they were delegated to it (systemd.resource-control(5), `Delegate=`),
 * else those of version 1 that it may write, else none. Below version 2 it moves itself into a cgroup of its own beside them, because one with controllers
 * for its children holds no processes.
 */
export async function openRunCgroups(places: CgroupPlaces = systemPlaces()): Promise<RunCgroups> {
  const make = places.makeDirectory ?? makeCgroup
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
      for (const directory of directories) await removeCgroupTree(directory)
    },
  }
}

async function openOne(
  bases: CgroupBases,
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
  let killedBefore = 0
  let bounded: ExecutionLimits | undefined
  const cpuMs = (): number | undefined => {
    const microseconds = cgroupNumber(unified, 'cpu.stat', 'usage_usec')
    return microseconds === undefined ? undefined : microseconds / 1000
  }
  const outOfMemory = (): number =>
    (bases.version === 2
      ? cgroupNumber(memory, 'memory.events', 'oom_kill')
      : cgroupNumber(memory, 'memory.oom_control', 'oom_kill')) ?? 0
  return {
    directory: unified ?? own[0],
    // A thread that moves itself alone waits for nobody, which only version 1 allows; the other way takes a grace period of the kernel, milliseconds long.
    entries: own.map((directory) => join(directory, directory === unified ? 'cgroup.procs' : 'tasks')),
    limit(limits) {
      for (const bound of isSame(bounded, limits) ? [] : BOUNDS) {
        const base = bases.bounds[bound]
        if (base !== undefined) writeCgroupFiles(join(base, run), files[bound](limits))
      }
      bounded = limits
      cpuBefore = cpuMs() ?? 0
    },
    usage() {
      const total = cpuMs()
      return {
        cpuMs: total === undefined ? undefined : total - cpuBefore,
        memoryPeakBytes: cgroupNumber(memory, bases.version === 2 ? 'memory.peak' : 'memory.max_usage_in_bytes'),
        outOfMemory: outOfMemory() - killedBefore,
      }
    },
    renew() {
      if (memory === undefined) return true
      // The peak of version 2 cannot be reset before Linux 6.12, and since then only for whoever reads through the same descriptor.
      if (bases.version === 2) return false
      try {
        writeCgroupFiles(memory, [{ name: 'memory.max_usage_in_bytes', text: '0' }])
        killedBefore = outOfMemory()
        return true
      } catch {
        return false
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
      for (const directory of own) await removeCgroup(directory)
    },
  }
}

function isSame(one: ExecutionLimits | undefined, other: ExecutionLimits): boolean {
  return one !== undefined && JSON.stringify(one) === JSON.stringify(other)
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
