import type { Machine } from '../contract/hand.js'
import type { Plan } from '../contract/plan.js'
import type {
  ApplyProfileOptions,
  PlannedProfile,
  Profile,
  ProfileDiff,
  ProfileFile,
  ProfileRow,
} from '../contract/profile.js'
import type { ApplyReport, DriftEntry, StatusReport } from '../contract/transaction.js'
import { isJanusError, janusError } from '../errors/janus-error.js'
import type { AskingUser } from '../modules/asking-user.js'
import type { ModuleRegistry } from '../modules/module-registry.js'
import type { Transactions } from '../transaction/transactions.js'
import { differencesOf } from './differences-of.js'
import { listProfiles, readProfile } from './find-profiles.js'
import {
  type PlanProfileSettings,
  type ProfileModule,
  type ProfileRest,
  planStage,
  profileSourceId,
  restAfter,
  wholeProfile,
} from './plan-profile.js'

/** What profiles are planned and applied with. */
export interface ProfilesSettings extends Omit<PlanProfileSettings, 'signal'> {
  readonly machine: Machine
  readonly registry: Pick<ModuleRegistry, 'load'>
  readonly user: () => Promise<AskingUser>
  readonly from: string
  transactions(): Promise<Transactions>
  /** @throws JANUS_NOT_ROOT for a plan that only root may apply */
  requireRoot(plan: Plan): void
  status(): Promise<StatusReport>
}

/** Everything that is done with profiles; see {@link Janus} for each. */
export interface Profiles {
  list(): Promise<readonly ProfileRow[]>
  read(nameOrPath: string): Promise<ProfileFile>
  plan(profile: Profile, signal: AbortSignal): Promise<PlannedProfile>
  diff(profile: Profile, signal: AbortSignal): Promise<ProfileDiff>
  apply(planned: PlannedProfile, options: ApplyProfileOptions): Promise<ApplyReport>
}

/** Makes the profiles of a host. */
export function createProfiles(settings: ProfilesSettings): Profiles {
  const { machine, registry } = settings

  async function search() {
    return { user: await settings.user(), from: settings.from }
  }

  async function whole(given: Profile): Promise<ProfileRest> {
    const { profileSchema } = await import('../contract/profile-schema.js')
    const parsed = profileSchema.safeParse(given)
    if (!parsed.success) {
      const { prettifyError } = await import('../zod.js')
      throw janusError('JANUS_CONFIG_INVALID', `the profile is malformed: ${prettifyError(parsed.error)}`)
    }
    const modules: ProfileModule[] = []
    for (const entry of parsed.data.modules) {
      const module = await registry.load(entry.module)
      modules.push({ entry, module, metadata: module.metadata })
    }
    return wholeProfile(parsed.data, modules)
  }

  /** What is left behind a stage that is being applied. */
  async function restOf(planned: PlannedProfile): Promise<ProfileRest | undefined> {
    return planned.waiting.length === 0 ? undefined : restAfter(await whole(planned.profile), planned)
  }

  async function drift(profile: Profile): Promise<readonly DriftEntry[] | undefined> {
    if (machine.host.kind === 'snapshot') return undefined
    try {
      const { transactions, drift: entries } = await settings.status()
      const own = transactions.filter(({ module }) => module.id === profileSourceId(profile.name)).map(({ id }) => id)
      return entries.filter(({ transaction, state }) => own.includes(transaction) && state !== 'holds')
    } catch (error) {
      // What root has done is root's to read; what the host is like anybody may compare.
      if (isJanusError(error) && error.code === 'JANUS_STATE_DENIED') return undefined
      throw error
    }
  }

  return {
    list: async () => listProfiles(await search()),
    read: async (nameOrPath) => readProfile(nameOrPath, await search()),
    plan: async (profile, signal) => planStage({ ...settings, signal }, await whole(profile)),

    async diff(profile, signal) {
      const planned = await planStage({ ...settings, signal }, await whole(profile))
      const modules = await differencesOf(machine, planned)
      const drifted = await drift(profile)
      const hasDrifted = drifted?.some(({ state }) => state !== 'pending-reboot') ?? false
      const same = planned.plan.changes.length === 0 && planned.waiting.length === 0 && !hasDrifted
      return { profile, modules, ...(drifted === undefined ? {} : { drift: drifted }), same }
    },

    async apply(planned, options) {
      const { confirmStage, ...applyOptions } = options
      if (planned.stage !== 1) throw janusError('JANUS_USAGE', `a profile is applied from its first stage on`)
      if (planned.waiting.length > 0 && confirmStage === undefined) {
        const names = planned.waiting.map(({ module }) => module).join(', ')
        throw janusError('JANUS_USAGE', `${names} can only be planned later: say by confirmStage who agrees to it then`)
      }
      settings.requireRoot(planned.plan)
      const signal = options.signal ?? new AbortController().signal
      let rest = await restOf(planned)
      return (await settings.transactions()).apply(planned.plan, applyOptions, async () => {
        while (rest !== undefined) {
          const next = await planStage({ ...settings, signal }, rest)
          rest = next.waiting.length === 0 ? undefined : restAfter(rest, next)
          if (next.plan.changes.length === 0) continue
          settings.requireRoot(next.plan)
          if ((await confirmStage?.(next)) !== true)
            throw janusError('JANUS_DECLINED', `stage ${next.stage} of the profile ${next.profile.name} was declined`)
          return next.plan
        }
        return undefined
      })
    },
  }
}
