import { statfs } from 'node:fs/promises'
import type { Host } from '@janus/core'
import {
  type MemoryUse,
  type Pressure,
  type ProcessorTime,
  parseLoad,
  parseMemoryUse,
  parsePressure,
  parseProcessorTime,
} from './parse-proc.js'

/** A host at one moment; undefined: it does not tell. */
export interface HostSample {
  readonly processor: ProcessorTime | undefined
  readonly memory: MemoryUse | undefined
  readonly load: readonly [number, number, number] | undefined
  readonly pressure: {
    readonly cpu: Pressure | undefined
    readonly memory: Pressure | undefined
    readonly io: Pressure | undefined
  }
  readonly disk: DiskUse | undefined
  /** Processes that there are. */
  readonly processes: number | undefined
  /** TCP connections and listeners of both families. */
  readonly connections: number | undefined
}

/** A file system in bytes. */
export interface DiskUse {
  readonly totalBytes: number
  /** For whoever is not root. */
  readonly freeBytes: number
}

/** What is read of a host. */
export interface HostSampleOptions {
  /** On the file system that is measured: the one of the workspaces. Absolute. */
  readonly diskPath: string
  /** Default: statfs(2) of this machine. */
  diskUse?(path: string): Promise<DiskUse | undefined>
}

/** Measures a host: /proc/stat, meminfo, loadavg, pressure, net and the file system. What cannot be read is undefined; it never throws for what the host holds. */
export async function readHostSample(
  host: Host,
  { diskPath, diskUse = diskUseOf }: HostSampleOptions,
): Promise<HostSample> {
  const text = async (path: string): Promise<string> => (await host.readText(path)).value ?? ''
  const [stat, memory, load, cpuPressure, memoryPressure, ioPressure, tcp, tcp6, processes, disk] = await Promise.all([
    text('/proc/stat'),
    text('/proc/meminfo'),
    text('/proc/loadavg'),
    text('/proc/pressure/cpu'),
    text('/proc/pressure/memory'),
    text('/proc/pressure/io'),
    text('/proc/net/tcp'),
    text('/proc/net/tcp6'),
    host.list('/proc'),
    diskUse(diskPath),
  ])
  return {
    processor: parseProcessorTime(stat),
    memory: parseMemoryUse(memory),
    load: parseLoad(load),
    pressure: {
      cpu: parsePressure(cpuPressure),
      memory: parsePressure(memoryPressure),
      io: parsePressure(ioPressure),
    },
    disk,
    processes: processes.value?.filter((name) => /^\d+$/.test(name)).length,
    connections: tcp === '' ? undefined : entriesOf(tcp) + entriesOf(tcp6),
  }
}

/** Lines but for the heading. */
function entriesOf(table: string): number {
  return Math.max(0, table.split('\n').filter((line) => line !== '').length - 1)
}

async function diskUseOf(path: string): Promise<DiskUse | undefined> {
  const found = await statfs(path).catch(() => undefined)
  if (found === undefined || found.blocks === 0) return undefined
  // As df(1): what is kept for root counts neither as used nor as free.
  const used = found.blocks - found.bfree
  return { totalBytes: (used + found.bavail) * found.bsize, freeBytes: found.bavail * found.bsize }
}
