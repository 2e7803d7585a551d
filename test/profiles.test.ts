import { isJanusModule, type Profile } from '@janus/core'
import { describe, expect, it } from 'vitest'
import { createNullLogger } from '../packages/core/src/logging/combine-loggers.js'
import { inProcessModule } from '../packages/core/src/modules/in-process-module.js'
import { parseProfile } from '../packages/core/src/profile/parse-profile.js'
import { planStage, wholeProfile } from '../packages/core/src/profile/plan-profile.js'
import * as cpu from '../packages/modules-cpu/src/index.js'
import { tuningMachine } from '../packages/modules-cpu/test/fixture/tuning-machine.js'
import * as gpu from '../packages/modules-gpu/src/index.js'
import { repositoryFiles } from './repository-files.js'

const MODULES = [...Object.values<unknown>(cpu), ...Object.values<unknown>(gpu)].filter(isJanusModule)

async function profilesInPage(): Promise<readonly Profile[]> {
  const [page] = await repositoryFiles('docs', '/profiles.md')
  const blocks = [...(page?.text ?? '').matchAll(/^```yaml\n([\s\S]*?)^```$/gm)].map(([, text = '']) => text)
  return Promise.all(blocks.map((text) => parseProfile(text, 'docs/profiles.md')))
}

async function plan(profile: Profile) {
  const { host, query } = tuningMachine()
  const modules = profile.modules.map((entry) => {
    const found = MODULES.find(({ metadata }) => metadata.id === entry.module)
    if (found === undefined) throw new Error(`there is no module ${entry.module}`)
    return { entry, module: inProcessModule(found), metadata: found.metadata }
  })
  const settings = { host, query, log: createNullLogger(), signal: new AbortController().signal, by: 'test' }
  return planStage({ ...settings, owner: { uid: 0, gid: 0 }, janusVersion: '0.0.0' }, wholeProfile(profile, modules))
}

describe('the profiles in docs/profiles.md', () => {
  it('can be read and planned', async () => {
    const profiles = await profilesInPage()
    expect(profiles.map(({ name }) => name)).toEqual(['vm', 'virtual-function'])
    for (const profile of profiles) expect((await plan(profile)).plan.changes).not.toEqual([])
  })

  it('are one stage where nothing waits, and two where a virtual function has to be made first', async () => {
    const [vm, functions] = await profilesInPage()
    const one = await plan(vm as Profile)
    expect(one.waiting).toEqual([])
    expect(one.modules.map(({ module }) => module)).toEqual(vm?.modules.map(({ module }) => module))
    const two = await plan(functions as Profile)
    expect(two.modules.map(({ module }) => module)).toEqual(['gpu-sriov'])
    expect(two.waiting).toMatchObject([{ module: 'gpu-vfio' }])
  })
})

describe('the order that the modules of the house ask for', () => {
  it('has no circle when all of them are in one profile, and names only modules that there are or will be', async () => {
    const modules = MODULES.map((found) => ({
      entry: { module: found.metadata.id },
      module: inProcessModule(found),
      metadata: found.metadata,
    }))
    const profile: Profile = { schema: 'janus.profile/1', name: 'all', modules: modules.map(({ entry }) => entry) }
    const order = wholeProfile(profile, modules).modules.map(({ entry }) => entry.module)
    expect(order).toHaveLength(MODULES.length)
    expect(order.indexOf('gpu-sriov')).toBeLessThan(order.indexOf('gpu-vfio'))
    expect(order.indexOf('gpu-vfio')).toBeLessThan(order.indexOf('cpu-irq-affinity'))
  })
})
