import {
  type Condition,
  type Fact,
  type Loss,
  lossesOf,
  type Plan,
  type PlannedChange,
  runsAsRoot,
  type UndoChange,
} from '@janus/core'
import type { PresentFiles } from '../present-files.js'
import { renderAction, renderCondition, renderParticulars, textOf } from './change.js'
import { type DevicesInPlan, renderDevices } from './devices.js'
import { type Fragment, indent, join, lines, NOTHING, text } from './markup.js'
import type { Palette } from './palette.js'
import { shellWords } from './shell-words.js'

/** What is printed around a plan. */
export interface PlanSurroundings {
  /** The devices that the plan is about, with their group and uses. */
  readonly devices?: DevicesInPlan
  /** Files as they are now: of those the difference is shown. */
  readonly present?: PresentFiles
  /** The words that apply it; left out when it is being applied. */
  readonly applyWith?: readonly string[]
}

/** Everything a person must know before a yes: losses first, then devices, every step in order, facts, digest. */
export function renderPlan(
  palette: Palette,
  plan: Plan,
  { devices, present, applyWith }: PlanSurroundings = {},
): Fragment {
  const files = new Map(present)
  const steps = plan.changes.map((change, index) => {
    const step = renderStep(palette, change, index, 'path' in change ? files.get(change.path) : undefined)
    // A later step may write the same file again.
    if (change.kind === 'write-file') {
      const written = textOf(change.content)
      if (written === undefined) files.delete(change.path)
      else files.set(change.path, written)
    }
    return step
  })
  const root = plan.root === '/' ? NOTHING : text` on the tree ${plan.root}`
  return join(
    [
      lines(
        text`${palette.title('Plan')} of ${plan.module.id} ${plan.module.version} for ${plan.made.host}${root}`,
        text`${palette.faint('digest')} ${plan.digest}`,
        text`${palette.faint('made')} ${plan.made.at} by ${plan.made.by}`,
      ),
      renderLosses(palette, plan.changes),
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

function renderLosses(palette: Palette, changes: readonly PlannedChange[]): Fragment {
  const entries = lossesOf(changes).map((loss) =>
    lines(
      text`${palette.bad(loss.id)}  ${loss.summary} (step ${stepsWith(loss, changes).join(', ')})`,
      text`  accept it with --accept ${loss.id}; --yes does not`,
    ),
  )
  return section(palette, palette.bad('What undoing will not bring back'), entries)
}

/** Numbers of the steps that bring a loss about, counted from one. */
function stepsWith({ id, summary }: Loss, changes: readonly PlannedChange[]): readonly number[] {
  return changes.flatMap(({ irreversible = [] }, index) =>
    irreversible.some((loss) => loss.id === id && loss.summary === summary) ? [index + 1] : [],
  )
}

function renderStep(palette: Palette, change: PlannedChange, index: number, present: string | undefined): Fragment {
  const label = (name: string): Fragment => palette.faint(name.padEnd(8))
  const details = [
    text`${label('why')} ${change.why}`,
    ...(change.module === undefined ? [] : [text`${label('for')} ${change.module}`]),
    ...renderParticulars(change, present),
    ...conditions(label('expects'), change.expect),
    ...renderVerification(label, change),
    ...renderMayFail(label('may fail'), change),
    ...(change.reveals === undefined ? [] : [text`${label('reveals')} ${change.reveals}`]),
    text`${label('lasts')} ${change.scope === 'runtime' ? 'until the next boot' : 'across boots'}`,
    ...renderUndo(palette, label, change),
  ]
  return lines(text`${index + 1}. ${renderAction(change)}${rootMark(palette, change)}`, indent(lines(details), 3))
}

function conditions(label: Fragment, list: readonly Condition[] = []): readonly Fragment[] {
  return list.map((condition) => text`${label} ${renderCondition(condition)}`)
}

function renderMayFail(label: Fragment, { mayFail }: UndoChange): readonly Fragment[] {
  return mayFail === undefined ? [] : [text`${label} with ${mayFail.errors.join(', ')}: ${mayFail.because}`]
}

function renderUndo(palette: Palette, label: (name: string) => Fragment, planned: PlannedChange): readonly Fragment[] {
  const { undo } = planned
  if ('none' in undo) return [text`${label('undo')} ${palette.bad('none')}: ${undo.none}`]
  if (undo.length === 0) {
    const isSavedBefore = planned.kind === 'run-command' && (planned.outputs ?? []).length > 0
    return [
      text`${label('undo')} ${isSavedBefore ? 'by an earlier step, which puts its files back' : 'nothing to undo'}`,
    ]
  }
  return undo.flatMap((change) => [
    text`${label('undo')} ${renderAction(change)}${rootMark(palette, change)}`,
    ...renderUndoDetails(label, change).map((fragment) => indent(fragment, 9)),
  ])
}

/** An undo is shown like a step, with all that decides whether it acts: a failing step is undone without a further question. */
function renderUndoDetails(label: (name: string) => Fragment, change: UndoChange): readonly Fragment[] {
  const runsOrWrites = change.kind === 'run-command' || (change.kind === 'write-file' && !('saved' in change.content))
  return [
    ...(runsOrWrites ? renderParticulars(change) : []),
    ...conditions(label('unless'), change.unless),
    ...conditions(label('expects'), change.expect),
    ...renderVerification(label, change),
    ...renderMayFail(label('may fail'), change),
  ]
}

/** What must hold right afterwards, how long that is waited for, and what holds only after a boot. */
function renderVerification(label: (name: string) => Fragment, change: UndoChange): readonly Fragment[] {
  const { verify, verifyWithin, afterBoot } = change
  return [
    ...conditions(label('verify'), verify),
    ...(verifyWithin === undefined ? [] : [text`${label('waits')} up to ${verifyWithin / 1000} s for that`]),
    ...conditions(label('boot'), afterBoot),
  ]
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
