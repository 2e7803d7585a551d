import type { Warrant } from '../contract/warrant.js'
import type { LocalAgent } from '../local/local-agent.js'
import { quoteWord } from '../review/quote-word.js'
import { visibleLine } from '../review/visible-text.js'
import type { ExecutorOptions } from './executor-options.js'
import { toolRun } from './tool-run.js'

/** What an execution would do, as a dry run tells it. */
export interface DescribedExecution {
  readonly proposal: string
  /** Why it would not start as things are; undefined when it would. */
  readonly obstacle: string | undefined
  /** In words, one line for each fact, fit for a terminal. */
  readonly lines: readonly string[]
}

/**
 * Says what the execution of an approved proposal would run, within which bounds, and what stands in its way. Uses nothing up, starts nothing, records nothing.
 * @returns undefined for what is not approved
 */
export function describeExecution(
  options: Pick<ExecutorOptions, 'tools' | 'environment' | 'grace' | 'stopped' | 'networkBlocked'>,
  agent: Pick<LocalAgent, 'record' | 'obstacleTo'>,
  proposal: string,
): DescribedExecution | undefined {
  const { open, warrants } = agent.record.state
  const current = open.get(proposal)
  const warrant = current?.status === 'approved' ? warrants.get(current.warrant ?? '') : undefined
  if (warrant === undefined) return undefined
  const { action } = warrant
  const network = action.kind === 'tool' && action.network.length > 0 ? options.networkBlocked?.() : undefined
  return {
    proposal,
    obstacle: options.stopped() ?? network ?? agent.obstacleTo(proposal),
    lines: [...linesOf(options, action), ...rollbackLines(options, warrant), `good until  ${warrant.expires}`],
  }
}

function linesOf(
  options: Pick<ExecutorOptions, 'tools' | 'environment' | 'grace'>,
  action: Warrant['action'],
): readonly string[] {
  if (action.kind === 'governance')
    return [`change      ${action.changeDigest}, in effect from ${action.effectiveFrom}`]
  if (action.kind === 'module') {
    const accepted = action.accept.length === 0 ? 'no loss is accepted' : `accepts ${action.accept.join(', ')}`
    return [`plan        ${action.planDigest}, as a transaction; ${accepted}`]
  }
  const run = toolRun(options, { resolved: action })
  const { cpuSeconds, wallSeconds, memoryBytes, diskBytes, cpuPercent, processes } = run.limits
  const shown = [...(run.readOnly ?? []), ...(run.writable ?? [])].map(({ source }) => source)
  return [
    `runs        ${[run.program, ...run.argv].map(quoteWord).join(' ')}`,
    `program     SHA-256 ${action.binary.sha256}`,
    `environment ${Object.keys(run.environment).join(' ') || 'nothing but that of the sandbox'}`,
    `limits      ${wallSeconds} s, ${cpuSeconds} s of a processor, ${cpuPercent} % of one, ${mib(memoryBytes)} of memory, ${mib(diskBytes)} of disk, ${processes} processes`,
    `network     ${run.network.length === 0 ? 'none' : run.network.map(visibleLine).join(' ')}`,
    `shown       /usr${shown.length === 0 ? '' : `, ${shown.map(visibleLine).join(', ')}`}; writes into its workspace ${run.id}${run.writable === undefined ? '' : ' and what is named'}`,
  ]
}

function rollbackLines(
  options: Pick<ExecutorOptions, 'tools' | 'environment' | 'grace'>,
  { rollback, action }: Warrant,
): readonly string[] {
  if (action.kind === 'module') return ['rollback    that of its journal']
  if (rollback === null) return ['rollback    none']
  return ['rollback    when it fails:', ...linesOf(options, rollback).map((line) => `  ${line}`)]
}

function mib(bytes: number): string {
  return `${Math.round(bytes / (1024 * 1024))} MiB`
}
