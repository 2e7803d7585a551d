import type { Change, PlannedChange, RunCommand, Undo } from '../contract/change.js'
import { changeSchema } from '../contract/change-schema.js'
import type { Host } from '../contract/host.js'
import type { JsonValue, Plan, PlanOrigin, PlanSource } from '../contract/plan.js'
import { janusError } from '../errors/janus-error.js'
import { describeChange } from '../transaction/describe-change.js'
import * as z from '../zod.js'
import { comparableValue, isWriteOnly } from './attribute-forms.js'
import { deriveUndo } from './derive-undo.js'
import { gatherFacts } from './facts.js'
import { readFileState } from './file-state.js'
import { outputsUndo } from './outputs-undo.js'
import { planDigest } from './plan-digest.js'
import { runsAsRoot } from './runs-as-root.js'
import { undoChangesOf } from './undo-changes-of.js'

/** What a plan is made of. */
export interface PlanIngredients {
  readonly host: Host
  readonly module: PlanSource
  readonly options: JsonValue
  /** As a module returned them: untrusted. */
  readonly changes: readonly unknown[]
  readonly by: string
  readonly now: Date
  /** Whether changes that make root run something are taken from the module. Default true: it is the program's own. */
  readonly trusted?: boolean
  /** The undo of a program whose files cannot be known, because an earlier run of it is planned; see profiles. */
  readonly undoOfCommand?: (command: RunCommand, planned: readonly PlannedChange[]) => Undo | undefined
  /** Owner of files and directories whose change names none. */
  readonly owner: { readonly uid: number; readonly gid: number }
}

/**
 * Makes a plan of changes: validates each, fills in what it expects to find, fixes its undo, gathers the facts and
 * computes the digest.
 * @throws JANUS_CHANGE_REFUSED naming the change; JANUS_MODULE_UNTRUSTED for one that makes root run something; JANUS_HOST_UNREADABLE; JANUS_PLAN_STALE when the host already contradicts a change
 */
export async function createPlan(ingredients: PlanIngredients): Promise<Plan> {
  return sealPlan(ingredients, await fixChanges(ingredients))
}

/**
 * The changes of one module as they stand in a plan: each validated, with what it expects to find and its undo.
 * @throws what {@link createPlan} throws for a change
 */
export async function fixChanges(
  ingredients: Pick<PlanIngredients, 'host' | 'module' | 'changes' | 'owner' | 'trusted' | 'undoOfCommand'>,
): Promise<readonly PlannedChange[]> {
  const { host, module } = ingredients
  const changes: PlannedChange[] = []
  for (const [index, value] of ingredients.changes.entries()) {
    const change = parseChange(value, index, module.id)
    const fixed = await fixChange(host, withKnownUndo(change, ingredients, changes), ingredients.owner)
    if (ingredients.trusted === false) requireHarmless(fixed, index, module.id)
    changes.push(fixed)
  }
  return changes
}

/** Makes a plan of fixed changes: gathers the facts and computes the digest. */
export async function sealPlan(
  ingredients: Omit<PlanIngredients, 'changes' | 'owner' | 'trusted' | 'undoOfCommand'>,
  changes: readonly PlannedChange[],
): Promise<Plan> {
  const { host, module, options } = ingredients
  const facts = await gatherFacts(host, changes)
  const content = { schema: 'janus.plan/1', root: host.root, module, options, facts, changes } as const
  return { ...content, digest: planDigest(content), made: await originOf(ingredients) }
}

function parseChange(value: unknown, index: number, module: string): Change {
  const parsed = changeSchema.safeParse(value)
  if (parsed.success) return parsed.data
  const message = `change ${index + 1} of module ${module} is refused: ${z.prettifyError(parsed.error)}`
  throw janusError('JANUS_CHANGE_REFUSED', message, { module, data: { index } })
}

/** What a stranger proposes may be read and undone like any other; it may not become root's code, nor may its undo. */
function requireHarmless(change: PlannedChange, index: number, module: string): void {
  const refused = [change, ...undoChangesOf(change)].find(runsAsRoot)
  if (refused === undefined) return
  const what = refused === change ? describeChange(refused) : `undo it by: ${describeChange(refused)}`
  const message = `change ${index + 1} of module ${module} makes root run something, and ${module} is not trusted: ${what}`
  const remedy = `Read its code, then run \`janus module trust ${module}\`.`
  throw janusError('JANUS_MODULE_UNTRUSTED', message, { module, remedy, data: { index, kind: change.kind } })
}

function withKnownUndo(
  change: Change,
  { undoOfCommand }: Pick<PlanIngredients, 'undoOfCommand'>,
  planned: readonly PlannedChange[],
): Change {
  if (change.kind !== 'run-command' || change.undo !== undefined) return change
  const undo = undoOfCommand?.(change, planned)
  return undo === undefined ? change : { ...change, undo }
}

async function fixChange(host: Host, change: Change, owner: { uid: number; gid: number }): Promise<PlannedChange> {
  const complete = await withFrom(host, change, owner)
  return { ...complete, undo: complete.undo ?? (await undoOf(host, complete)) }
}

async function undoOf(host: Host, change: Change): Promise<Undo> {
  return change.kind === 'run-command' ? outputsUndo(host, change) : deriveUndo(change)
}

async function withFrom(host: Host, change: Change, owner: { uid: number; gid: number }): Promise<Change> {
  switch (change.kind) {
    case 'write-attribute':
      return withAttributeFrom(host, change)
    case 'write-file':
      return { ...change, owner: change.owner ?? owner, from: change.from ?? (await readFileState(host, change.path)) }
    case 'write-link':
      return { ...change, from: change.from ?? (await requireLinkOrNothing(host, change.path)) }
    case 'remove-file': {
      if (change.from !== undefined) return change
      const link = await readLinkText(host, change.path)
      const state = link === null ? await readFileState(host, change.path) : { link }
      if (state === null) throw janusError('JANUS_PLAN_STALE', `${change.path} does not exist, it cannot be removed`)
      return { ...change, from: state }
    }
    case 'create-directory':
      return { ...change, owner: change.owner ?? owner }
    default:
      return change
  }
}

/** An attribute is verified by reading it back, unless the module says how. */
async function withAttributeFrom(host: Host, change: Extract<Change, { kind: 'write-attribute' }>): Promise<Change> {
  if (isWriteOnly(change.path) || change.fromMayDiffer === true) return change
  const from = change.from ?? (await host.readText(change.path)).value
  if (from === undefined) return change
  const verify = change.verify ?? [
    { kind: 'equals', path: change.path, value: comparableValue(change.path, change.value) },
  ]
  return { ...change, from: comparableValue(change.path, from), verify }
}

async function readLinkText(host: Host, path: string): Promise<string | null> {
  return (await host.readLinkText(path)).value ?? null
}

/** Laid over something else, a link would take it away for good. */
async function requireLinkOrNothing(host: Host, path: string): Promise<string | null> {
  const link = await readLinkText(host, path)
  const { value } = link === null ? await host.stat(path) : {}
  if (value === undefined) return link
  const reason = `it is a ${value.type}`
  throw janusError('JANUS_HOST_UNREADABLE', `${path} cannot be read as a link: ${reason}`, { data: { path, reason } })
}

async function originOf({ host, by, now }: Pick<PlanIngredients, 'host' | 'by' | 'now'>): Promise<PlanOrigin> {
  const bootId = (await host.readText('/proc/sys/kernel/random/boot_id')).value?.trim()
  return { by, at: now.toISOString(), host: host.description, ...(bootId === undefined ? {} : { bootId }) }
}
