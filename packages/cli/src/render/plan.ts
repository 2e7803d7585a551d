import {
  type Condition,
  type Fact,
  type Loss,
  type Plan,
  type PlannedChange,
  runsAsRoot,
  type Undo,
  type UndoChange,
} from '@janus/core'
import { renderAction, renderCondition, renderParticulars } from './change.js'
import { type DevicesInPlan, renderDevices } from './devices.js'
import { type Fragment, indent, join, lines, NOTHING, text } from './markup.js'
import type { Palette } from './palette.js'
import { shellWords } from './shell-words.js'

/** What is printed around a plan. */
export interface PlanSurroundings {
  /** The devices that the plan is about, with their group and uses. */
  readonly devices?: DevicesInPlan
  /** The words that apply it; left out when it is being applied. */
  readonly applyWith?: readonly string[]
}

/** Everything a person must know before a yes: losses first, then devices, every step in order, facts, digest. */
export function renderPlan(palette: Palette, plan: Plan, { devices, applyWith }: PlanSurroundings = {}): Fragment {
  const steps = plan.changes.map((change, index) => renderStep(palette, change, index))
  const root = plan.root === '/' ? NOTHING : text` on the tree ${plan.root}`
  return join(
    [
      lines(
        text`${palette.title('Plan')} of ${plan.module.id} ${plan.module.version} for ${plan.made.host}${root}`,
        text`${palette.faint('digest')} ${plan.digest}`,
        text`${palette.faint('made')} ${plan.made.at} by ${plan.made.by}`,
      ),
      renderLosses(palette, lossesOf(plan)),
      devices === undefined ? NOTHING : renderDevices(palette, devices),
      steps.length === 0
        ? text`${palette.good('Nothing to do')}: the host already is as wanted.`
        : section(palette, `Steps (${steps.length})`, steps),
      section(palette, `Facts it rests on (${plan.facts.length})`, plan.facts.map(renderFact)),
      applyWith === undefined || applyWith.length === 0 || steps.length === 0
        ? NOTHING
        : section(palette, 'Apply it with', [text`${shellWords(applyWith)}`]),
    ].filter((part) => part !== NOTHING),
    '\n\n',
  )
}

/** A loss and the steps that bring it about. */
export interface PlannedLoss extends Loss {
  /** Numbers of the steps, counted from one. */
  readonly steps: readonly number[]
}

/** What undoing a plan will not bring back, each once. */
export function lossesOf(plan: Plan): readonly PlannedLoss[] {
  const losses = plan.changes.flatMap((change, index) =>
    (change.irreversible ?? []).map((loss) => ({ ...loss, step: index + 1 })),
  )
  const distinct = new Map(losses.map((loss) => [`${loss.id} ${loss.summary}`, loss]))
  return [...distinct.values()].map(({ id, summary }) => ({
    id,
    summary,
    steps: losses.filter((loss) => loss.id === id && loss.summary === summary).map(({ step }) => step),
  }))
}

function renderLosses(palette: Palette, losses: readonly PlannedLoss[]): Fragment {
  if (losses.length === 0) return NOTHING
  const entries = losses.map(({ id, summary, steps }) =>
    lines(
      text`${palette.bad(id)}  ${summary} (step ${steps.join(', ')})`,
      text`  accept it with --accept ${id}; --yes does not`,
    ),
  )
  return section(palette, palette.bad('What undoing will not bring back'), entries)
}

function renderStep(palette: Palette, change: PlannedChange, index: number): Fragment {
  const label = (name: string): Fragment => palette.faint(name.padEnd(8))
  const details = [
    text`${label('why')} ${change.why}`,
    ...renderParticulars(change),
    ...conditions(label('expects'), change.expect),
    ...conditions(label('verify'), change.verify),
    ...(change.mayFail === undefined
      ? []
      : [text`${label('may fail')} with ${change.mayFail.errors.join(', ')}: ${change.mayFail.because}`]),
    text`${label('lasts')} ${change.scope === 'runtime' ? 'until the next boot' : 'across boots'}`,
    ...renderUndo(palette, label('undo'), change.undo),
  ]
  return lines(text`${index + 1}. ${renderAction(change)}${rootMark(palette, change)}`, indent(lines(details), 3))
}

function conditions(label: Fragment, list: readonly Condition[] = []): readonly Fragment[] {
  return list.map((condition) => text`${label} ${renderCondition(condition)}`)
}

function renderUndo(palette: Palette, label: Fragment, undo: Undo): readonly Fragment[] {
  if ('none' in undo) return [text`${label} ${palette.bad('none')}: ${undo.none}`]
  if (undo.length === 0) return [text`${label} nothing to undo`]
  return undo.flatMap((change) => [
    text`${label} ${renderAction(change)}${rootMark(palette, change)}`,
    ...renderUndoParticulars(change).map((fragment) => indent(fragment, 9)),
  ])
}

/** What an undo writes or runs is shown like a step: a failing step is undone without a further question. */
function renderUndoParticulars(change: UndoChange): readonly Fragment[] {
  const runsOrWrites = change.kind === 'run-command' || (change.kind === 'write-file' && !('saved' in change.content))
  return runsOrWrites ? renderParticulars(change) : []
}

function rootMark(palette: Palette, change: UndoChange): Fragment {
  return runsAsRoot(change) ? text`  ${palette.notice('[runs as root]')}` : NOTHING
}

function renderFact({ subject, name, path, value }: Fact): Fragment {
  const shown = value === null ? 'absent' : Array.isArray(value) ? value.join(' ') : String(value)
  return subject === path ? text`${path} = ${shown}` : text`${subject} ${name} = ${shown}  (${path})`
}

function section(palette: Palette, title: string | Fragment, entries: readonly Fragment[]): Fragment {
  if (entries.length === 0) return NOTHING
  return lines(palette.title(title), indent(lines(entries), 2))
}
