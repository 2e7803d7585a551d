import { parseArgs } from 'node:util'
import { janusError } from '@janus/core'
import { type CpuTopologyOptions, cpuTopologyOptions } from '../cpu-topology/options.js'

/** What was said on the command line. */
export interface TopologyArguments {
  readonly help: boolean
  /** A snapshot or a tree; the machine itself when left out. */
  readonly host?: string
  /** What a virtual machine is to get; only the machine is shown when left out. */
  readonly wish?: CpuTopologyOptions
}

/** The text of `--help`. */
export const USAGE = `janus topology [--device <address>] [--vcpus <n>] [--memory <size>] [--reserve <n>] [--host <snapshot|tree>]

Draws packages, memory nodes, caches, cores and threads. With --vcpus it proposes which of them a virtual machine
should get, and says why. Nothing is changed.

  --vcpus <n>         how many vCPUs the virtual machine has
  --device <address>  PCI device that it gets: its memory node comes first
  --memory <size>     memory that it has: 512M, 16G
  --reserve <n>       whole cores kept for the host, that of CPU 0 among them (1)
  --one-thread        one thread of each core; its siblings stay idle
  --host <path>       a snapshot or a tree instead of this machine
  --help              print this

Example: janus topology --device 0000:03:00.0 --vcpus 8 --memory 16G
`

const WISHES = ['device', 'memory', 'reserve'] as const

/**
 * Reads the command line.
 * @throws JANUS_USAGE
 */
export function parseTopologyArguments(args: readonly string[]): TopologyArguments {
  const values = parsed(args)
  if (values.help === true) return { help: true }
  const host = values.host === undefined ? {} : { host: values.host }
  if (values.vcpus === undefined) {
    const alone = [...WISHES, 'one-thread' as const].find((name) => values[name] !== undefined)
    if (alone !== undefined) throw misused(`--${alone} says what a virtual machine is to get, and --vcpus is missing`)
    return { help: false, ...host }
  }
  const given = {
    vcpus: wholeNumber('vcpus', values.vcpus),
    ...(values.device === undefined ? {} : { device: values.device }),
    ...(values.memory === undefined ? {} : { memory: values.memory }),
    ...(values.reserve === undefined ? {} : { reserve: wholeNumber('reserve', values.reserve) }),
    ...(values['one-thread'] === true ? { threadsPerCore: 'one' } : {}),
  }
  const wish = cpuTopologyOptions.safeParse(given)
  if (wish.success) return { help: false, ...host, wish: wish.data }
  const [issue] = wish.error.issues
  throw misused(`--${String(issue?.path[0] ?? 'vcpus')}: ${issue?.message ?? 'is not valid'}`)
}

function wholeNumber(name: string, text: string): number {
  if (/^\d{1,6}$/.test(text)) return Number(text)
  throw misused(`--${name} ${JSON.stringify(text.slice(0, 64))} is not a whole number`)
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        device: { type: 'string' },
        vcpus: { type: 'string' },
        memory: { type: 'string' },
        reserve: { type: 'string' },
        'one-thread': { type: 'boolean' },
        host: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    }).values
  } catch (error) {
    throw misused(error instanceof Error ? error.message : String(error))
  }
}

function misused(message: string): Error {
  return janusError('JANUS_USAGE', message, { remedy: 'See `janus topology --help`.' })
}
