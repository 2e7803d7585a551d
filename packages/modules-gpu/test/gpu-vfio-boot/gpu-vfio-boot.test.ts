import type { Change } from '@janus/core'
import { createMemoryLogger, file, type KernelModel, standardAddresses, standardMachine } from '@janus/core/testing'
import { describe, expect, it } from 'vitest'
import { bindingsOfScript, earlyScript } from '../../src/gpu-vfio-boot/early-script.js'
import { bindingsOfRules, udevFiles } from '../../src/gpu-vfio-boot/udev-files.js'
import { gpuVfioBoot } from '../../src/index.js'
import { bootMachine, buildImage, imageOf, nvmeBinding } from '../fixture/boot-machines.js'

const { nvme } = standardAddresses
const SCRIPT = '/etc/initramfs-tools/scripts/init-top/00-janus-vfio'

describe('gpu-vfio-boot', () => {
  it('plans its files and one build of the image with all that it makes beside it, and nothing of the running binding', async () => {
    const changes = await apply(bootMachine('initramfs-tools'))
    expect(changes.map((change) => ('path' in change ? change.path : change.kind))).toEqual([
      SCRIPT,
      '/etc/initramfs-tools/hooks/janus-vfio',
      'run-command',
    ])
    const build = changes.at(-1)
    expect(build).toMatchObject({
      command: '/usr/sbin/update-initramfs',
      args: ['-u', '-k', '6.1.0-56-amd64'],
      outputs: ['', '.new', '.dpkg-bak', '.bak'].map((ending) => imageOf('initramfs-tools') + ending),
      afterBoot: [{ kind: 'linksTo', target: '/sys/bus/pci/drivers/vfio-pci' }],
      verify: [{ kind: 'archive-member', member: 'scripts/init-top/00-janus-vfio' }],
    })
  })

  it('never lists vfio_virqfd, which newer kernels do not have as a module', async () => {
    for (const tool of ['initramfs-tools', 'dracut', 'mkinitcpio'] as const) {
      expect(JSON.stringify(await apply(bootMachine(tool)))).not.toContain('virqfd')
    }
  })

  it('refuses to guess between two programs that build an initramfs', async () => {
    const both = { '/usr/bin/dracut': '', '/usr/lib/dracut/modules.d': {} }
    const machine = () => bootMachine('initramfs-tools', { files: both })
    await expect(apply(machine())).rejects.toMatchObject({
      code: 'JANUS_HOST_UNFIT',
      data: { present: ['initramfs-tools', 'dracut'] },
    })
    expect(await apply(machine(), { tool: 'initramfs-tools' })).toHaveLength(3)
  })

  it('brings the boot partitions of Proxmox up to date, also when it is undone', async () => {
    const partitions = { '/etc/kernel/proxmox-boot-uuids': 'ABCD-1234\n' }
    const changes = await apply(bootMachine('initramfs-tools', { files: partitions }))
    expect(changes.at(-1)).toMatchObject({ command: '/usr/sbin/proxmox-boot-tool', args: ['refresh'] })
    expect(changes.at(-2)?.undo).toMatchObject([
      { kind: 'write-file', path: imageOf('initramfs-tools') },
      ...['.new', '.dpkg-bak', '.bak'].map((ending) => ({
        kind: 'remove-file' as const,
        path: imageOf('initramfs-tools') + ending,
      })),
      { kind: 'run-command', command: '/usr/sbin/proxmox-boot-tool' },
    ])
  })

  describe('after another method or tool', () => {
    const words = (changes: readonly Change[]) =>
      changes.map(
        (change) => `${change.kind} ${'path' in change ? change.path : 'command' in change ? change.command : ''}`,
      )
    const filesOfScript = {
      [SCRIPT]: earlyScript([nvmeBinding], { before: '', after: '' }),
      '/etc/initramfs-tools/hooks/janus-vfio': '#!/bin/sh\n',
    }
    const rules = { '/etc/udev/rules.d/05-janus-vfio.rules': udevFiles([nvmeBinding], undefined)[0]?.text ?? '' }

    it('takes the script away when udev is to do it, and builds every image without it', async () => {
      const model = bootMachine('initramfs-tools', { files: filesOfScript })
      const changes = await apply(model, { method: 'udev' })
      expect(words(changes)).toEqual([
        `remove-file ${SCRIPT}`,
        'remove-file /etc/initramfs-tools/hooks/janus-vfio',
        'write-file /etc/udev/rules.d/05-janus-vfio.rules',
        'run-command /usr/sbin/update-initramfs',
      ])
      expect(changes.at(-1)?.verify).toEqual([
        {
          kind: 'archive-member',
          path: imageOf('initramfs-tools'),
          member: 'scripts/init-top/00-janus-vfio',
          absent: true,
        },
      ])
    })

    it('takes the rule away when the initramfs is to do it', async () => {
      const changes = await apply(bootMachine('initramfs-tools', { files: rules }))
      expect(words(changes)[0]).toBe('remove-file /etc/udev/rules.d/05-janus-vfio.rules')
      expect(words(changes).filter((line) => line.startsWith('run-command'))).toHaveLength(1)
    })

    it('takes the files of a tool away that is gone, with the folder that was its own', async () => {
      const module = '/usr/lib/dracut/modules.d/91janus-vfio'
      const script = earlyScript([nvmeBinding], { before: '', after: '' })
      const files = { [`${module}/janus-vfio.sh`]: script, [`${module}/module-setup.sh`]: '' }
      const changes = await apply(bootMachine('initramfs-tools', { files }))
      expect(words(changes).slice(0, 3)).toEqual([
        `remove-file ${module}/janus-vfio.sh`,
        `remove-file ${module}/module-setup.sh`,
        `remove-directory ${module}`,
      ])
      expect(words(changes).filter((line) => line.startsWith('run-command'))).toEqual([
        'run-command /usr/sbin/update-initramfs',
      ])
      const more = { ...files, [`${module}/notes`]: '' }
      expect(words(await apply(bootMachine('initramfs-tools', { files: more })))).not.toContain(
        `remove-directory ${module}`,
      )
    })

    it('says in check that the other one still binds', async () => {
      const found = await check(bootMachine('initramfs-tools', { files: rules }), { devices: [nvme] })
      expect(found).toContainEqual(
        expect.objectContaining({
          id: 'boot-other-method',
          status: 'warn',
          summary: expect.stringContaining('0000:02:00.0'),
        }),
      )
    })
  })

  describe('of several kernels', () => {
    const other = '6.1.0-99-amd64'
    const files = { [`/lib/modules/${other}/modules.dep`]: '', [`/boot/initrd.img-${other}`]: 'image' }

    it('builds every image, each an output of its own build', async () => {
      const builds = (await apply(bootMachine('initramfs-tools', { files }))).filter(
        ({ kind }) => kind === 'run-command',
      )
      expect(builds).toMatchObject([
        { args: ['-u', '-k', '6.1.0-56-amd64'] },
        {
          args: ['-u', '-k', other],
          outputs: expect.arrayContaining([`/boot/initrd.img-${other}`]),
          regenerates: true,
          unless: [{ kind: 'absent', path: `/lib/modules/${other}` }],
        },
      ])
      expect(builds.every(({ verify }) => verify?.length === 1)).toBe(true)
      const one = await apply(bootMachine('initramfs-tools', { files }), { allKernels: false })
      expect(one.filter(({ kind }) => kind === 'run-command')).toHaveLength(1)
    })

    it('looks at every image in a check without options', async () => {
      const script = earlyScript([nvmeBinding], { before: '', after: '' })
      const found = await check(bootMachine('initramfs-tools', { files: { ...files, [SCRIPT]: script } }))
      expect(found.filter(({ id }) => id.startsWith('initramfs')).map(({ evidence }) => evidence?.[0]?.path)).toEqual([
        imageOf('initramfs-tools'),
        `/boot/initrd.img-${other}`,
      ])
    })
  })

  it('builds both images that dracut may have left of one kernel, each saved before its own build', async () => {
    const second = '/boot/initrd.img-6.1.0-56-amd64'
    const changes = await apply(bootMachine('dracut', { files: { [second]: 'image' } }))
    const builds = changes.filter((change) => change.kind === 'run-command')
    expect(builds.map(({ args, outputs }) => [args[2], outputs])).toEqual([
      [imageOf('dracut'), [imageOf('dracut')]],
      [second, [second]],
    ])
  })

  describe('of devices that are there only once the real root runs', () => {
    const [virtualFunction] = standardAddresses.virtualFunctions
    const RULES = '/etc/udev/rules.d/05-janus-vfio.rules'
    /** A drive behind an Intel VMD controller, which makes a domain of its own (drivers/pci/controller/vmd.c). */
    const behindVmd = '10000:e1:00.0'
    const vmd = [
      { address: '0000:00:0e.0', vendor: '8086', device: '9a0b', class: '010400', group: '30' },
      {
        address: '10000:e0:06.0',
        parent: '0000:00:0e.0',
        rootBus: '10000:e0',
        vendor: '8086',
        device: '9a09',
        class: '060400',
        bridge: true,
        group: '30',
      },
      {
        address: behindVmd,
        parent: '10000:e0:06.0',
        vendor: '144d',
        device: 'a808',
        class: '010802',
        subsystemVendor: '144d',
        subsystemDevice: 'a801',
        group: '30',
      },
    ]
    const withVirtualFunctions = () => {
      const model = bootMachine('initramfs-tools', { spec: standardMachine({ devices: vmd }) })
      model.write(`/sys/bus/pci/devices/${standardAddresses.physicalFunction}/sriov_numvfs`, '2')
      return model
    }

    it.each([virtualFunction, behindVmd])(
      'has udev bind %s, which no script of an initramfs meets',
      async (address) => {
        const changes = await apply(withVirtualFunctions(), { devices: [address] })
        expect(changes).toMatchObject([
          { kind: 'write-file', path: RULES, afterBoot: [{ path: `/sys/bus/pci/devices/${address}/driver` }] },
        ])
      },
    )

    it.each([virtualFunction, behindVmd])('refuses the initramfs for %s, and names the way out', async (address) => {
      await expect(
        apply(withVirtualFunctions(), { devices: [nvme, address], method: 'initramfs' }),
      ).rejects.toMatchObject({
        code: 'JANUS_HOST_UNFIT',
        message: expect.stringContaining(address),
        remedy: expect.stringContaining('method: "udev"'),
      })
    })

    it('binds each device by the method that meets it, and takes away neither', async () => {
      const model = withVirtualFunctions()
      const options = { devices: [nvme, virtualFunction] }
      const changes = await apply(model, options)
      expect(changes.map((change) => ('path' in change ? change.path : change.kind))).toEqual([
        SCRIPT,
        '/etc/initramfs-tools/hooks/janus-vfio',
        RULES,
        'run-command',
      ])
      const text = (path: string) =>
        changes.flatMap((change) =>
          change.kind === 'write-file' && change.path === path && 'text' in change.content ? [change.content.text] : [],
        )[0] ?? ''
      expect(bindingsOfScript(text(SCRIPT)).map(({ address }) => address)).toEqual([nvme])
      expect(bindingsOfRules(text(RULES)).map(({ address }) => address)).toEqual([virtualFunction])
      const expected = changes.flatMap(({ afterBoot = [] }) => afterBoot.map((condition) => condition.path))
      expect(expected).toEqual([virtualFunction, nvme].map((address) => `/sys/bus/pci/devices/${address}/driver`))
    })

    it('leaves the image alone where only the rules have to change', async () => {
      const model = withVirtualFunctions()
      const [first, second] = standardAddresses.virtualFunctions
      for (const change of await apply(model, { devices: [nvme, first] })) {
        if (change.kind !== 'write-file' || !('text' in change.content)) continue
        model.put({ [change.path]: file(change.content.text, { mode: change.mode ?? 0o644 }) })
      }
      buildImage(model, 'initramfs-tools')
      expect(await apply(model, { devices: [nvme, first] })).toEqual([])
      const changes = await apply(model, { devices: [nvme, first, second] })
      expect(changes).toMatchObject([{ kind: 'write-file', path: RULES }])
      expect(await check(model, { devices: [nvme, first] })).not.toContainEqual(
        expect.objectContaining({ id: 'boot-other-method' }),
      )
    })
  })

  it('refuses what gpu-vfio refuses: a bridge', async () => {
    await expect(apply(bootMachine('dracut'), { devices: ['0000:00:02.0'] })).rejects.toMatchObject({
      code: 'JANUS_DEVICE_REFUSED',
    })
  })

  it('reports another card at the address as critical, with both identities', async () => {
    const script = earlyScript([nvmeBinding], { before: '', after: '' })
    const model = bootMachine('initramfs-tools', { files: { [SCRIPT]: script } })
    expect((await check(model))[0]).toMatchObject({ id: 'boot-0000-02-00-0', status: 'ok' })
    const spec = standardMachine().devices?.find(({ address }) => address === nvme)
    if (spec === undefined) throw new Error('the standard machine has an NVMe')
    model.replace({ ...spec, vendor: '144d', device: 'a808' })
    expect((await check(model))[0]).toMatchObject({
      status: 'critical',
      summary: expect.stringMatching(/144d:a808.* instead of 1b36:0010/),
    })
    expect(await check(model, { devices: [nvme] })).toMatchObject([{ status: 'critical' }])
  })

  it('reports without options that a file was changed by hand, and that the image does not hold it', async () => {
    const script = earlyScript([nvmeBinding], { before: '', after: '' })
    const model = bootMachine('initramfs-tools', { files: { [SCRIPT]: script } })
    expect(await check(model)).toMatchObject([
      { status: 'ok' },
      { id: 'boot-files', status: 'warn', summary: expect.stringContaining(SCRIPT) },
      { id: 'initramfs', status: 'warn', summary: expect.stringContaining('scripts/init-top/00-janus-vfio') },
    ])
  })

  it('reads the devices back from its script and from its rules', () => {
    expect(bindingsOfScript(earlyScript([nvmeBinding], { before: '', after: '' }))).toEqual([nvmeBinding])
    expect(bindingsOfRules(udevFiles([nvmeBinding], undefined)[0]?.text ?? '')).toEqual([nvmeBinding])
  })
})

function apply(model: KernelModel, options: object = {}): Promise<readonly Change[]> {
  return gpuVfioBoot.apply(contextOn(model, gpuVfioBoot.options.parse({ devices: [nvme], ...options })))
}

function check(model: KernelModel, options?: object) {
  return gpuVfioBoot.check(contextOn(model, options === undefined ? undefined : gpuVfioBoot.options.parse(options)))
}

function contextOn<Options>({ host, query }: KernelModel, options: Options) {
  return { host, query, options, log: createMemoryLogger(), signal: new AbortController().signal }
}
