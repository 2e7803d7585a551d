import { createJanus, createSnapshotHost } from '@janus/core'
import { file, type KernelModel, standardAddresses } from '@janus/core/testing'
import { describe, expect, it } from 'vitest'
import { gpuVfioBoot } from '../../src/index.js'
import { type BootTool, bootMachine, buildImage } from '../fixture/boot-machines.js'
import { runOn } from '../fixture/run-module.js'

const { nvme } = standardAddresses
const TOOLS: readonly BootTool[] = ['initramfs-tools', 'dracut', 'mkinitcpio']
const options = { devices: [nvme] }

describe('gpu-vfio-boot on a captured machine', () => {
  it.each([...TOOLS, undefined])(
    'plans and finds what it does on the machine itself, before and after: %s',
    async (tool) => {
      const model = bootMachine(tool, { spec: { bootId: '0f3a1c52-0b8e-4d5e-9d26-8a3f1f0b7c11' } })
      await expectSame(model)
      await apply(model, tool)
      expect(await runOn(gpuVfioBoot, model).apply(options)).toEqual([])
      await expectSame(model)
    },
  )

  it.each(TOOLS)('takes away all that %s had, for a binding by udev', async (tool) => {
    const model = bootMachine(tool)
    await apply(model, tool)
    const changes = await expectSame(model, { ...options, method: 'udev' })
    expect(changes.map(({ kind }) => kind)).toContain('remove-file')
  })

  it('refuses there, too, a mkinitcpio that knows no drop-in files', async () => {
    const model = bootMachine('mkinitcpio', {
      files: { '/usr/bin/mkinitcpio': '#!/bin/bash\n_f_config=mkinitcpio.conf\n' },
    })
    const refused = { code: 'JANUS_HOST_UNFIT', message: expect.stringContaining('/etc/mkinitcpio.conf.d') }
    await expect(runOn(gpuVfioBoot, model).apply(options)).rejects.toMatchObject(refused)
    await expect(runOn(gpuVfioBoot, await captured(model)).apply(options)).rejects.toMatchObject(refused)
  })

  it('keeps of the program mkinitcpio no more than that line', async () => {
    const { snapshot } = (await captured(bootMachine('mkinitcpio'))).host
    expect(snapshot.entries['/usr/bin/mkinitcpio']).toMatchObject({ text: '_d_config=/etc/mkinitcpio.conf.d\n' })
  })
})

/** Makes the files of a plan, and the image of the tool with them. */
async function apply(model: KernelModel, tool: BootTool | undefined): Promise<void> {
  for (const change of await runOn(gpuVfioBoot, model).apply(options)) {
    if (change.kind === 'write-file' && 'text' in change.content)
      model.put({ [change.path]: file(change.content.text, { mode: change.mode }) })
  }
  if (tool !== undefined) buildImage(model, tool)
}

async function captured(model: KernelModel) {
  const janus = createJanus({ host: model.host })
  try {
    return { host: createSnapshotHost(await janus.snapshot()), query: model.query }
  } finally {
    await janus.close()
  }
}

/** What the module plans on the machine, which is what it plans when it was captured; so are its findings. */
async function expectSame(model: KernelModel, asked: object = options) {
  const [live, there] = [runOn(gpuVfioBoot, model), runOn(gpuVfioBoot, await captured(model))]
  const changes = await live.apply(asked)
  expect(await there.apply(asked)).toEqual(changes)
  for (const about of [undefined, asked]) expect(await there.check(about)).toEqual(await live.check(about))
  return changes
}
