import type { JanusModule, Plan, Profile, ProfileEntry } from '@janus/core'
import { type KernelModel, standardMachine, type TreeInput } from '@janus/core/testing'
import { createNullLogger } from '../../src/logging/combine-loggers.js'
import { inProcessModule } from '../../src/modules/in-process-module.js'
import { type ProfileRest, planStage, restAfter, wholeProfile } from '../../src/profile/plan-profile.js'
import { createModelBench, type ModelBench } from '../transaction/model-bench.js'
import { PROFILE_MODULES } from './profile-modules.js'

type Agree = (plan: Plan) => boolean | Promise<boolean>

/** A bench on which profiles of the test modules are planned and applied. */
export interface ProfileBench extends ModelBench {
  rest(entries: readonly ProfileEntry[]): ProfileRest
  planStage(rest: ProfileRest): ReturnType<typeof planStage>
  /** Applies all stages; `agree` sees each plan behind the first. */
  applyProfile(entries: readonly ProfileEntry[], agree?: Agree): Promise<unknown>
}

export function createProfileBench(files: TreeInput = {}): ProfileBench {
  const bench = createModelBench(standardMachine({ files }))
  bench.model.onCommand('/usr/sbin/make-index', () => makeIndex(bench.model))
  const modules = new Map(
    PROFILE_MODULES.map((module) => [module.metadata.id, inProcessModule(module as unknown as JanusModule)]),
  )
  const rest = (entries: readonly ProfileEntry[]): ProfileRest => {
    const profile: Profile = { schema: 'janus.profile/1', name: 'test', modules: entries }
    return wholeProfile(
      profile,
      entries.map((entry) => {
        const module = modules.get(entry.module)
        if (module === undefined) throw new Error(`no module ${entry.module}`)
        return { entry, module, metadata: module.metadata }
      }),
    )
  }
  const plan = (what: ProfileRest) =>
    planStage(
      {
        host: bench.model.host,
        query: bench.model.query,
        log: createNullLogger(),
        signal: new AbortController().signal,
        by: 'test',
        owner: { uid: 0, gid: 0 },
        janusVersion: '0.0.0',
      },
      what,
    )
  return Object.assign(bench, {
    rest,
    planStage: plan,
    async applyProfile(entries: readonly ProfileEntry[], agree: Agree = () => true) {
      let left = rest(entries)
      const first = await plan(left)
      let waits = first.waiting.length > 0
      left = restAfter(left, first)
      return bench.transactions.apply(first.plan, {}, async () => {
        if (!waits) return undefined
        const next = await plan(left)
        left = restAfter(left, next)
        waits = next.waiting.length > 0
        if (!(await agree(next.plan))) throw new Error('declined')
        return next.plan.changes.length === 0 ? undefined : next.plan
      })
    },
  })
}

/** What the program of the lines module does: the index is made of the lines. */
function makeIndex(model: KernelModel) {
  const lines = model.read('/etc/lines')
  model.put({ '/etc/index': `index of ${lines !== undefined && 'value' in lines ? lines.value : ''}` })
  return { outcome: 'done' as const }
}
