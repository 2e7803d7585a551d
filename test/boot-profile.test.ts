import {
  type Condition,
  isJanusModule,
  type JanusModule,
  type Plan,
  type Profile,
  type ProfileEntry,
} from '@janus/core'
import { readConfiguredCommandLine } from '@janus/core/boot'
import { createScriptedExecutor, type ScriptedExecutor } from '@janus/core/testing'
import { afterEach, describe, expect, it } from 'vitest'
import { createQuery } from '../packages/core/src/host/index.js'
import { createNullLogger } from '../packages/core/src/logging/combine-loggers.js'
import { inProcessModule } from '../packages/core/src/modules/in-process-module.js'
import { planDigest } from '../packages/core/src/plan/plan-digest.js'
import { planStage, wholeProfile } from '../packages/core/src/profile/plan-profile.js'
import { type Layout, layouts } from '../packages/core/test/boot/fixtures/layouts.js'
import { createTestRoot, type TestRoot } from '../packages/core/test/boot/fixtures/root.js'
import { bootTools } from '../packages/core/test/boot/fixtures/tools.js'
import { cpuHugepages } from '../packages/modules-cpu/src/index.js'
import { gpuIommuEnable } from '../packages/modules-gpu/src/index.js'

const MODULES: readonly JanusModule[] = [cpuHugepages, gpuIommuEnable].filter(isJanusModule)
const POOL = '/sys/devices/system/node/node0/hugepages/hugepages-1048576kB'
/** A machine with an IOMMU of Intel, and memory for a few pages of 1 GiB. */
const MACHINE: Layout = {
  '/proc/cpuinfo': 'processor\t: 0\nvendor_id\t: GenuineIntel\n',
  '/proc/meminfo': 'MemTotal: 16000000 kB\nMemAvailable: 14000000 kB\nHugePages_Total: 0\nHugepagesize: 2048 kB\n',
  '/proc/sys/kernel/osrelease': '6.1.0\n',
  [`${POOL}/nr_hugepages`]: '0\n',
  [`${POOL}/free_hugepages`]: '0\n',
  [`${POOL}/surplus_hugepages`]: '0\n',
}
const ENTRIES: readonly ProfileEntry[] = [
  { module: 'gpu-iommu-enable', options: { passthrough: true } },
  { module: 'cpu-hugepages', options: { pages: 4, size: '1G', persistent: true } },
]

let root: TestRoot | undefined
afterEach(() => root?.close())

function open(layout: Layout): { readonly root: TestRoot; readonly executor: ScriptedExecutor } {
  const executor = createScriptedExecutor(bootTools(() => root as TestRoot))
  root = createTestRoot({ ...MACHINE, ...layout }, executor)
  return { root, executor }
}

function plan({ host }: TestRoot, entries: readonly ProfileEntry[]) {
  const profile: Profile = { schema: 'janus.profile/1', name: 'guests', modules: entries }
  const modules = entries.map((entry) => {
    const module = MODULES.find(({ metadata }) => metadata.id === entry.module) as JanusModule
    return { entry, module: inProcessModule(module), metadata: module.metadata }
  })
  const owner = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 }
  const query = createQuery(host, { env: {} })
  const settings = { host, query, log: createNullLogger(), signal: new AbortController().signal }
  return planStage({ ...settings, by: 'test', owner, janusVersion: '0.0.0' }, wholeProfile(profile, modules))
}

/** The same plan, whose last step brings about what cannot be. */
function withFailingEnd(planned: Plan): Plan {
  const impossible: Condition = { kind: 'exists', path: '/no/such/file' }
  const changes = planned.changes.map((change, index, { length }) =>
    index === length - 1 ? { ...change, verify: [impossible] } : change,
  )
  return { ...planned, changes, digest: planDigest({ ...planned, changes }) }
}

describe.each(Object.entries(layouts))(
  'two modules that edit the kernel command line on the files of %s',
  (name, layout) => {
    it.each([
      ['in this order', ENTRIES],
      ['in the other order', ENTRIES.toReversed()],
    ])('are one stage, are there the second time, and are undone to the byte: %s', async (_, entries) => {
      const { root } = open(layout)
      const before = root.everything()
      const { plan: planned, waiting } = await plan(root, entries)
      expect(waiting).toEqual([])
      expect(new Set(planned.changes.map(({ module }) => module)).size).toBe(2)
      await root.transactions.apply(planned)
      for (const { text } of (await readConfiguredCommandLine(root.host)).lines) {
        for (const word of ['intel_iommu=on', 'iommu=pt', 'hugepagesz=1G', 'hugepages=4']) {
          expect(
            text.split(' ').filter((one) => one === word),
            `${word} in ${text}`,
          ).toHaveLength(1)
        }
        expect(text).toContain('hugepagesz=1G hugepages=4')
        expect(text).not.toContain('intel_iommu=off')
      }
      expect((await plan(root, entries)).plan.changes).toEqual([])
      expect(await root.transactions.rollback()).toMatchObject([{ outcome: 'undone' }])
      expect(root.everything(), name).toEqual(before)
    })

    it('are undone to the byte when the second one fails', async () => {
      const { root } = open(layout)
      const before = root.everything()
      const { plan: planned } = await plan(root, ENTRIES)
      const failing = withFailingEnd(planned)
      await expect(root.transactions.apply(failing)).rejects.toMatchObject({ code: 'JANUS_VERIFY_FAILED' })
      expect(root.everything()).toEqual(before)
    })
  },
)

describe('the menu of GRUB', () => {
  it('is made once, after both have written their words', async () => {
    const { root, executor } = open(layouts.debian)
    const { plan: planned } = await plan(root, ENTRIES)
    expect(planned.changes.map(({ kind }) => kind)).toEqual(['write-file', 'write-file', 'run-command'])
    await root.transactions.apply(planned)
    expect(executor.calls).toHaveLength(1)
  })

  it('that the EFI partition keeps is the same for the second module', async () => {
    const { '/boot/grub/grub.cfg': _, ...rest } = layouts.debian
    const menu = '/boot/efi/EFI/debian/grub.cfg'
    const { root } = open({ ...rest, '/sys/firmware/efi/x': '', [menu]: 'linux /vmlinuz quiet\n' })
    const { plan: planned } = await plan(root, ENTRIES)
    expect(planned.changes).toMatchObject([{}, {}, { kind: 'run-command', outputs: [menu, `${menu}.new`] }])
  })
})
