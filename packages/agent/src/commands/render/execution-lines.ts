import type { JsonValue } from '@janus/core'
import type { EndedExecution } from '../../contract/proposal.js'
import { cardField } from '../../review/card-field.js'
import { visibleLine } from '../../review/visible-text.js'

/** What was executed of a proposal, for a terminal: how each run ended, what it wrote, what bounded it. */
export function executionLines(executions: readonly EndedExecution[]): readonly string[] {
  return executions.flatMap(({ of, result }) => {
    const { outcome, summary, exitStatus, runtimeSeconds, cpuPercent, memoryMb, details } = result
    const used = [
      `${runtimeSeconds.toFixed(3)} s`,
      ...(exitStatus === null ? [] : [`exit status ${exitStatus}`]),
      ...(cpuPercent === null ? [] : [`${cpuPercent} % of a processor`]),
      ...(memoryMb === null ? [] : [`${memoryMb} MiB at most`]),
    ]
    return [
      '',
      `${of === 'action' ? 'EXECUTION' : 'ROLLBACK'}: ${outcome}`,
      ...cardField(summary),
      `  ${used.join(', ')}`,
      ...stream('stdout', details.stdout),
      ...stream('stderr', details.stderr),
      ...notEnforced(details.enforced),
    ]
  })
}

function stream(name: string, value: JsonValue | undefined): readonly string[] {
  const { text, bytes } = membersOf(value)
  if (typeof text !== 'string' || text === '') return []
  return [`  ${name} (${typeof bytes === 'number' ? bytes : '?'} bytes):`, ...cardField(text.replace(/\n$/, ''))]
}

/** What bounded nothing is worth a line, all the rest is in the JSON. */
function notEnforced(value: JsonValue | undefined): readonly string[] {
  if (!Array.isArray(value)) return []
  const open = value.map(membersOf).filter(({ enforced }) => enforced === false)
  return open.map(({ dimension, bound }) => `  not enforced: ${visibleLine(`${dimension}, ${bound}`)}`)
}

function membersOf(value: JsonValue | undefined): Readonly<Record<string, JsonValue>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, JsonValue>>)
    : {}
}
