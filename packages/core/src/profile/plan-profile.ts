import type { PlannedChange } from '../contract/change.js'
import type { Host } from '../contract/host.js'
import type { JsonValue, Plan } from '../contract/plan.js'
import type { PlannedModule, PlannedProfile, Profile, WaitingModule } from '../contract/profile.js'
import type { ModuleRun, RunnableModule } from '../contract/runnable-module.js'
import type { JanusErrorCode } from '../errors/codes.js'
import { isJanusError, type JanusError } from '../errors/janus-error.js'
import { rememberReads } from '../host/remember-reads.js'
import { fixChanges, sealPlan } from '../plan/create-plan.js'
import { earlierRun, mergeCommands, undoByEarlier } from './merge-commands.js'
import { type OrderedModule, orderModules } from './order-modules.js'
import { createOverlay, type Overlay, type PendingRead } from './overlay/overlay-host.js'

/** A module of a profile, ready to be asked. */
export interface ProfileModule extends OrderedModule {
  readonly module: RunnableModule
}

/** What planning a profile needs. */
export interface PlanProfileSettings extends ModuleRun {
  readonly by: string
  readonly owner: { readonly uid: number; readonly gid: number }
  readonly janusVersion: string
}

/** The modules of a profile that are still to be planned. */
export interface ProfileRest {
  readonly profile: Profile
  /** Stage that is planned now, counted from 1. */
  readonly stage: number
  /** In order. */
  readonly modules: readonly ProfileModule[]
}

/** What a module refuses that may be otherwise once the kernel shows more. */
const MAY_CHANGE: ReadonlySet<string> = new Set<JanusErrorCode>([
  'JANUS_DEVICE_NOT_FOUND',
  'JANUS_DEVICE_REFUSED',
  'JANUS_HOST_UNFIT',
  'JANUS_HOST_LACKS_FEATURE',
  'JANUS_HOST_UNREADABLE',
  'JANUS_PLAN_STALE',
])

/** The id under which plans and transactions of a profile go. No module can have it. */
export function profileSourceId(name: string): string {
  return `profile:${name}`
}

/** All of a profile, in the order in which its modules depend on each other. */
export function wholeProfile(profile: Profile, modules: readonly ProfileModule[]): ProfileRest {
  return { profile, stage: 1, modules: orderModules(modules) }
}

/** What is left of a profile once a stage of it has been applied. */
export function restAfter(rest: ProfileRest, planned: PlannedProfile): ProfileRest {
  return { ...rest, stage: rest.stage + 1, modules: rest.modules.slice(planned.modules.length) }
}

/**
 * Plans the next stage of a profile: each module over the host with the changes of those before it laid on top, up to the
 * first that needs what only the kernel will show: it refuses without it, or has read what is not known yet.
 * @throws what a module refuses that does not wait for anything, and what planning it alone throws
 */
export async function planStage(settings: PlanProfileSettings, rest: ProfileRest): Promise<PlannedProfile> {
  const { profile, stage, modules } = rest
  // One reading of the machine: every module, and the facts, rest on the same.
  const host = rememberReads(settings.host)
  const overlay = createOverlay(host)
  const changes: PlannedChange[] = []
  const planned: PlannedModule[] = []
  let waiting: readonly WaitingModule[] = []
  for (const [index, entry] of modules.entries()) {
    const answer = await planOrWait(settings, overlay, entry, changes)
    if ('until' in answer) {
      waiting = await waitingFrom(settings, overlay.host(), modules.slice(index), answer)
      break
    }
    for (const change of answer.changes) await overlay.lay(change)
    changes.push(...answer.changes)
    const { id, version } = entry.module.metadata
    planned.push({ module: id, version, changes: answer.changes.length })
  }
  const plan = await seal({ ...settings, host }, profile, mergeCommands(changes))
  return { profile, stage, plan, modules: planned, waiting }
}

function seal(settings: PlanProfileSettings, profile: Profile, changes: readonly PlannedChange[]): Promise<Plan> {
  const { host, by, janusVersion: version } = settings
  const module = { id: profileSourceId(profile.name), version }
  return sealPlan({ host, module, options: profile as unknown as JsonValue, by, now: new Date() }, changes)
}

/** What a module waits for, and why. */
type Waits = Pick<WaitingModule, 'until' | 'because'>
type Planned = { readonly changes: readonly PlannedChange[] }

/** The changes of a module, unless it refuses without what nobody knows yet, or has asked what only the kernel will show. */
async function planOrWait(
  settings: PlanProfileSettings,
  overlay: Overlay,
  entry: ProfileModule,
  before: readonly PlannedChange[],
): Promise<Planned | Waits> {
  overlay.takePendingReads()
  const answer = await planModule(settings, overlay.host(), entry, before)
  const reads = overlay.takePendingReads()
  const unshown = reads.find(({ by }) => by === 'kernel')?.path
  const until = waitsFor(before, reads, 'refusal' in answer ? answer.refusal : undefined)
  // What a module answers that could not read it is worth nothing, and the host is not to blame.
  if (unshown !== undefined) {
    return { until: until.length > 0 ? until : [`what ${unshown} will say`], because: `it depends on ${unshown}` }
  }
  if ('changes' in answer) return answer
  if (until.length === 0) throw answer.refusal
  return { until, because: answer.refusal.message }
}

async function planModule(
  settings: PlanProfileSettings,
  host: Host,
  { entry, module }: ProfileModule,
  before: readonly PlannedChange[],
): Promise<Planned | { readonly refusal: JanusError }> {
  const { query, log, signal, owner } = settings
  const { metadata, trusted } = module
  try {
    const { changes } = await module.apply({ host, query, log, signal }, entry.options ?? {})
    const fixed = await fixChanges({
      host,
      module: metadata,
      changes,
      owner,
      trusted,
      undoOfCommand: (command, own) => {
        const planned = [...mergeCommands(before), ...own]
        return earlierRun(planned, command)?.undo ?? undoByEarlier(planned, command)
      },
    })
    return { changes: fixed.map((change) => ({ ...change, module: metadata.id })) }
  } catch (error) {
    if (isJanusError(error) && MAY_CHANGE.has(error.code)) return { refusal: error }
    throw error
  }
}

/** What only the kernel, or a program that is yet to run, will show: without any of it waiting would change nothing. */
function waitsFor(
  changes: readonly PlannedChange[],
  reads: readonly PendingRead[],
  refusal: JanusError | undefined,
): readonly string[] {
  const named = typeof refusal?.data.path === 'string' ? [refusal.data.path] : []
  const pending = new Set([...reads.map(({ path }) => path), ...named])
  return changes.flatMap((change) => {
    if (change.reveals !== undefined) return [change.reveals]
    if (change.kind !== 'run-command') return []
    if (change.opaque === true) return [`what ${change.command} does is known only once it has run`]
    const outputs = (change.outputs ?? []).filter((path) => pending.has(path))
    return outputs.map((path) => `what ${change.command} writes to ${path}`)
  })
}

/** Everything behind the first that waits; options that no module takes are told before anything is changed. */
async function waitingFrom(
  settings: PlanProfileSettings,
  host: Host,
  modules: readonly ProfileModule[],
  { until, because }: Waits,
): Promise<readonly WaitingModule[]> {
  const [first, ...others] = modules
  for (const { entry, module } of others) await requireTakenOptions({ ...settings, host }, module, entry.options ?? {})
  const behind = `it comes after ${first?.entry.module}`
  return modules.map(({ entry }, index) => ({
    module: entry.module,
    until,
    because: index === 0 ? because : behind,
  }))
}

async function requireTakenOptions(run: ModuleRun, module: RunnableModule, options: unknown): Promise<void> {
  const { host, query, log, signal } = run
  await module.apply({ host, query, log, signal }, options).catch((error: unknown) => {
    if (!isJanusError(error)) throw error
    if (error.code === 'JANUS_OPTIONS_INVALID' || error.code === 'JANUS_MODULE_CHECK_ONLY') throw error
  })
}
