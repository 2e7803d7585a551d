import { describeChange, lossesOf, type Plan, runsAsRoot, type UndoChange } from '@janus/core'
import type { Action } from '../contract/action.js'
import type { ExecutionLimits, ResolvedAction, ResolvedTool } from '../contract/warrant.js'
import { cardField } from './card-field.js'
import { quoteWord } from './quote-word.js'
import { visibleHost, visibleName } from './visible-text.js'

/** Changes of a plan that are shown one by one; the digest covers all. */
const MOST_CHANGES = 500

/** What would really run, in lines of a card. @param action as it was proposed, for what its resolution only names by digest */
export function describeResolved(action: Action, resolved: ResolvedAction): readonly string[] {
  if (resolved.kind === 'tool') return describeTool(resolved)
  if (action.kind === 'module') return describePlan(action.plan, action.accept)
  if (action.kind === 'governance' && resolved.kind === 'governance') {
    return [
      `  Change of the rules: ${visibleName(action.change.subject)}, digest ${resolved.changeDigest}`,
      `  In effect not before: ${resolved.effectiveFrom}`,
      ...cardField(JSON.stringify(action.change, null, 2)),
    ]
  }
  return []
}

function describeTool({ binary, argv, workspace, environment, limits, network }: ResolvedTool): readonly string[] {
  return [
    `  Program: ${visibleName(binary.path)}`,
    `  SHA-256: ${binary.sha256}`,
    ...argv.flatMap((argument, index) => numbered(index + 1, argument)),
    `  Workspace: ${visibleName(workspace)}`,
    `  Environment: ${environment.map(visibleName).join(', ') || 'empty'}`,
    `  Network: ${network.map(visibleHost).join(', ') || 'none'}`,
    `  Limits: ${describeLimits(limits)}`,
  ]
}

function numbered(index: number, argument: string): readonly string[] {
  const [first = '', ...rest] = cardField(quoteWord(argument))
  return [`  Argument ${index}: ${first.trimStart()}`, ...rest]
}

function describeLimits(limits: ExecutionLimits): string {
  const mebibytes = (bytes: number): string => `${Math.floor(bytes / (1024 * 1024))} MiB`
  return [
    `${limits.cpuSeconds} s of CPU`,
    `${limits.wallSeconds} s`,
    `${mebibytes(limits.memoryBytes)} of memory`,
    `${mebibytes(limits.diskBytes)} of disk`,
    `${limits.cpuPercent} % of a CPU`,
    `${limits.processes} processes`,
  ].join(', ')
}

/** What cannot be brought back comes first. */
function describePlan(plan: Plan, accept: readonly string[]): readonly string[] {
  const losses = lossesOf(plan.changes)
  const shown = plan.changes.slice(0, MOST_CHANGES)
  return [
    ...losses.flatMap(({ id, summary }) => {
      const accepted = accept.includes(id) ? 'accepted' : 'not accepted'
      return prefixed(`  NOT BROUGHT BACK by an undo (${visibleName(id)}, ${accepted}): `, summary)
    }),
    `  Module: ${visibleName(plan.module.id)} ${visibleName(plan.module.version)}, on ${visibleName(plan.root)}`,
    `  Plan: ${plan.digest}, resting on ${plan.facts.length} facts`,
    ...shown.flatMap((change, index) => [
      ...prefixed(`  ${index + 1}. `, describeChange(change)),
      ...prefixed('     because: ', change.why),
      ...describeContent(change),
      ...(runsAsRoot(change) ? ['     RUNS AS ROOT'] : []),
      ...describeUndo(change.undo),
    ]),
    ...(plan.changes.length > MOST_CHANGES ? [`  and ${plan.changes.length - MOST_CHANGES} more changes`] : []),
  ]
}

function describeContent(change: UndoChange): readonly string[] {
  if (change.kind === 'run-command' && change.input !== undefined) return prefixed('     is given: ', change.input)
  if (change.kind !== 'write-file') return []
  const { content } = change
  const mode = `0${change.mode.toString(8)}`
  if ('text' in content) return prefixed(`     content (mode ${mode}): `, content.text)
  return prefixed(`     content (mode ${mode}), base64: `, 'base64' in content ? content.base64 : content.saved)
}

function describeUndo(undo: Plan['changes'][number]['undo']): readonly string[] {
  if ('none' in undo) return prefixed('     no undo: ', undo.none)
  return undo.flatMap((change) => prefixed('     undo: ', describeChange(change)))
}

function prefixed(prefix: string, text: string): readonly string[] {
  const [first = '', ...rest] = cardField(text)
  return [`${prefix}${first.trimStart()}`, ...rest.map((line) => `     ${line.trimStart()}`)]
}
