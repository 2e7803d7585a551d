import type { Condition, PlannedChange, RunCommand, Undo } from '../contract/change.js'
import { canonicalDigest } from '../ledger/canonical-json.js'

type PlannedCommand = Extract<PlannedChange, RunCommand>

/**
 * The earlier run of the same program that a later one makes needless: it rewrites the same files from the same input,
 * its whole effect is what it writes, and nothing in between looks at that.
 * @param changes planned so far, in order
 */
export function earlierRun(changes: readonly PlannedChange[], command: RunCommand): PlannedCommand | undefined {
  const index = changes.findLastIndex((change) => change.kind === 'run-command' && isSameRun(change, command))
  const earlier = changes[index]
  if (earlier?.kind !== 'run-command') return undefined
  const watched = new Set([...(earlier.outputs ?? []), ...conditionsOf(earlier).map(({ path }) => path)])
  const isWatched = (change: PlannedChange): boolean => pathsOf(change).some((path) => watched.has(path))
  return changes.slice(index + 1).some(isWatched) ? undefined : earlier
}

/**
 * The undo of a command over files of which nobody can say yet what they will be: none of its own, where an earlier command
 * puts every one of them back as it was before both, and nothing in between was to find what that one left.
 * @param changes planned so far, in order
 */
export function undoByEarlier(changes: readonly PlannedChange[], { outputs = [] }: RunCommand): Undo | undefined {
  const index = changes.findLastIndex((change) => outputs.length > 0 && putsBack(change, outputs))
  if (index < 0) return undefined
  const between = changes.slice(index + 1).filter((change) => 'path' in change)
  return between.some(({ path }) => outputs.includes(path)) ? undefined : []
}

function putsBack(change: PlannedChange, outputs: readonly string[]): boolean {
  if (change.kind !== 'run-command' || 'none' in change.undo) return false
  const paths = change.undo.flatMap((undo) => ('path' in undo ? [undo.path] : []))
  return outputs.every((path) => paths.includes(path) && change.outputs?.includes(path) === true)
}

/**
 * Leaves of every group of same runs the last one, with what all of them were to verify. Two modules that each want the
 * initramfs built get it built once, after both have written what goes into it.
 */
export function mergeCommands(changes: readonly PlannedChange[]): readonly PlannedChange[] {
  const merged: PlannedChange[] = []
  for (const change of changes) {
    const earlier = change.kind === 'run-command' ? earlierRun(merged, change) : undefined
    if (earlier === undefined || change.kind !== 'run-command' || !hasSameUndo(earlier, change)) merged.push(change)
    else {
      merged.splice(merged.indexOf(earlier), 1)
      merged.push(united(earlier, change))
    }
  }
  return merged
}

function isSameRun(left: RunCommand, right: RunCommand): boolean {
  return left.opaque !== true && (left.outputs ?? []).length > 0 && identityOf(left) === identityOf(right)
}

function identityOf({ command, args, env, input, outputs, regenerates, opaque, scope, mayFail }: RunCommand): string {
  const parts = { command, args, env, input, outputs, regenerates, opaque, scope, mayFail }
  return canonicalDigest(JSON.parse(JSON.stringify(parts)))
}

function hasSameUndo(left: PlannedCommand, right: PlannedCommand): boolean {
  return canonicalDigest(left.undo) === canonicalDigest(right.undo)
}

function united(earlier: PlannedCommand, later: PlannedCommand): PlannedCommand {
  const lists = (['expect', 'verify', 'afterBoot', 'unless', 'onlyWhen', 'irreversible'] as const).flatMap((name) => {
    const all = distinct<unknown>([...(earlier[name] ?? []), ...(later[name] ?? [])])
    return all.length === 0 ? [] : [[name, all] as const]
  })
  const within = [earlier.verifyWithin, later.verifyWithin].filter((value) => value !== undefined)
  const reveals = distinct([earlier.reveals, later.reveals].filter((line) => line !== undefined))
  return {
    ...earlier,
    ...later,
    ...Object.fromEntries(lists),
    ...(reveals.length === 0 ? {} : { reveals: reveals.join('; ') }),
    why: distinct([earlier.why, later.why]).join('; '),
    timeout: Math.max(earlier.timeout, later.timeout),
    ...(within.length === 0 ? {} : { verifyWithin: Math.max(...within) }),
  }
}

function distinct<Value>(values: readonly Value[]): Value[] {
  const texts = values.map((value) => JSON.stringify(value))
  return values.filter((_, index) => texts.indexOf(texts[index] as string) === index)
}

function conditionsOf({ expect = [], verify = [] }: PlannedChange): readonly Condition[] {
  return [...expect, ...verify]
}

/** What a change writes and looks at. */
function pathsOf(change: PlannedChange): readonly string[] {
  const own = 'path' in change ? [change.path] : change.kind === 'run-command' ? (change.outputs ?? []) : []
  return [...own, ...conditionsOf(change).map(({ path }) => path)]
}
