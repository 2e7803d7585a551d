import { parseArgs } from 'node:util'
import { janusError } from '@janus/core'

/** What was said on the command line. */
export interface ReportArguments {
  readonly help: boolean
  /** A snapshot or a tree; the machine itself when left out. */
  readonly host?: string
  /** The new file, `-` for stdout. */
  readonly out: string
}

/** The text of `--help`. */
export const USAGE = `janus report [--host <snapshot|tree>] [--out <file>]

Writes one HTML file about a host, to be read in any browser without a network: findings with evidence and remedy, IOMMU
groups, what binding each of them would cost, processors and memory nodes. Nothing is changed.

  --host <path>  a snapshot or a tree instead of this machine
  --out <file>   the new file to write (janus-report.html), or - for stdout
  --json         answer what the report shows as JSON; with --out - no file is written
  --help         print this

Example: janus report --host lab.json --out lab.html
`

/**
 * Reads the command line.
 * @throws JANUS_USAGE
 */
export function parseReportArguments(args: readonly string[]): ReportArguments {
  const { help = false, host, out = 'janus-report.html' } = parsed(args)
  if (out === '') throw misused('--out names no file')
  return { help, out, ...(host === undefined ? {} : { host }) }
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: { host: { type: 'string' }, out: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
    }).values
  } catch (error) {
    throw misused(error instanceof Error ? error.message : String(error))
  }
}

function misused(message: string): Error {
  return janusError('JANUS_USAGE', message, { remedy: 'See `janus report --help`.' })
}
