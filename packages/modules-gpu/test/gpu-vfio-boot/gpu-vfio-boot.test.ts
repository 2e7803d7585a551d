import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Change } from '@janus/core'
import { createMemoryLogger, type KernelModel, standardAddresses, standardMachine } from '@janus/core/testing'
import { describe, expect, it } from 'vitest'
import { bindingsOfScript, earlyScript } from '../../src/gpu-vfio-boot/early-script.js'
import { bindingsOfRules, udevFiles } from '../../src/gpu-vfio-boot/udev-files.js'
import { gpuVfioBoot } from '../../src/index.js'
import { bootMachine, imageOf } from '../fixture/boot-machines.js'

const { nvme } = standardAddresses
const SCRIPT = '/etc/initramfs-tools/scripts/init-top/00-janus-vfio'

const binding = {
  address: '0000:02:00.0',
  location: 'pci0000:00/0000:00:02.1/0000:02:00.0',
  identity: '1b36:0010:1af4:1100:010802',
  driver: 'vfio-pci',
  module: 'vfio_pci',
}

describe('gpu-vfio-boot', () => {
  it('plans its files and one build of the image, and nothing of the running binding', async () => {
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
      outputs: [imageOf('initramfs-tools')],
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
      { kind: 'run-command', command: '/usr/sbin/proxmox-boot-tool' },
    ])
  })

  it('does not believe in hooks where systemd is the init of the initramfs', async () => {
    const files = { '/etc/mkinitcpio.conf': 'HOOKS=(base systemd autodetect modconf)\n' }
    await expect(apply(bootMachine('mkinitcpio', { files }))).rejects.toMatchObject({ code: 'JANUS_HOST_UNFIT' })
  })

  it('refuses what gpu-vfio refuses: a bridge', async () => {
    await expect(apply(bootMachine('dracut'), { devices: ['0000:00:02.0'] })).rejects.toMatchObject({
      code: 'JANUS_DEVICE_REFUSED',
    })
  })

  it('reports another card at the address as critical, with both identities', async () => {
    const model = bootMachine('initramfs-tools', {
      files: { [SCRIPT]: earlyScript([binding], { before: '', after: '' }) },
    })
    const findings = await check(model)
    expect(findings).toMatchObject([{ id: 'boot-0000-02-00-0', status: 'ok' }])
    const spec = standardMachine().devices?.find(({ address }) => address === nvme)
    if (spec === undefined) throw new Error('the standard machine has an NVMe')
    model.replace({ ...spec, vendor: '144d', device: 'a808' })
    expect(await check(model)).toMatchObject([
      { status: 'critical', summary: expect.stringMatching(/144d:a808.* instead of 1b36:0010/) },
    ])
    expect(await check(model, { devices: [nvme] })).toMatchObject([{ status: 'critical' }])
  })

  it('reads the devices back from its script and from its rules', () => {
    expect(bindingsOfScript(earlyScript([binding], { before: '', after: '' }))).toEqual([binding])
    expect(bindingsOfRules(udevFiles([binding], ['nvme'])[0]?.text ?? '')).toEqual([binding])
  })
})

describe('the early script', () => {
  it.each(['dash', 'bash', 'busybox'])('binds the device that it knows, and no other one, in %s', (shell) => {
    const argv = shell === 'busybox' ? ['busybox', 'sh'] : [shell]
    const known = run(argv, {})
    expect(known.override).toBe('vfio-pci\n')
    expect(known.report).toContain('0000:02:00.0 ')
    const other = run(argv, { device: '0xa808' })
    expect(other.override).toBe('(null)\n')
    expect(other.report).toContain(
      '0000:02:00.0 other-device 1b36:a808:1af4:1100:010802 at pci0000:00/0000:00:02.1/0000:02:00.0 instead of 1b36:0010:1af4:1100:010802',
    )
    expect(run(argv, { driver: true }).report).toContain('taken')
  })
})

/** The script over a tree of files: `/sys`, `/dev` and `/run` are those of a folder, `modprobe` is a program that does nothing. */
function run(argv: readonly string[], { device = '0x0010', driver = false }: { device?: string; driver?: boolean }) {
  const root = mkdtempSync(join(tmpdir(), 'janus-early-'))
  try {
    const place = join(root, 'sys/devices', binding.location)
    mkdirSync(place, { recursive: true })
    for (const folder of ['sys/bus/pci/devices', 'sys/bus/pci/drivers/vfio-pci', 'dev', 'run', 'bin'])
      mkdirSync(join(root, folder), { recursive: true })
    symlinkSync(`../../../devices/${binding.location}`, join(root, 'sys/bus/pci/devices', binding.address))
    const values = {
      vendor: '0x1b36',
      device,
      subsystem_vendor: '0x1af4',
      subsystem_device: '0x1100',
      class: '0x010802',
    }
    for (const [name, value] of Object.entries({ ...values, driver_override: '(null)' })) {
      writeFileSync(join(place, name), `${value}\n`)
    }
    if (driver) writeFileSync(join(place, 'driver'), '')
    writeFileSync(join(root, 'bin/modprobe'), '#!/bin/sh\n', { mode: 0o755 })
    const text = earlyScript([binding], { before: '', after: 'exit 0\n' }).replaceAll(
      /(?<![\w$])\/(sys|dev|run)\//g,
      `${root}/$1/`,
    )
    const [command = '', ...args] = argv
    const { status } = spawnSync(command, [...args, '-c', text], { env: { PATH: `${root}/bin:/usr/bin:/bin` } })
    expect(status).toBe(0)
    return {
      override: readFileSync(join(place, 'driver_override'), 'utf8'),
      report: readFileSync(join(root, 'run/janus-vfio-boot'), 'utf8'),
    }
  } finally {
    rmSync(root, { recursive: true })
  }
}

function apply(model: KernelModel, options: object = {}): Promise<readonly Change[]> {
  return gpuVfioBoot.apply(contextOn(model, gpuVfioBoot.options.parse({ devices: [nvme], ...options })))
}

function check(model: KernelModel, options?: object) {
  return gpuVfioBoot.check(contextOn(model, options === undefined ? undefined : gpuVfioBoot.options.parse(options)))
}

function contextOn<Options>({ host, query }: KernelModel, options: Options) {
  return { host, query, options, log: createMemoryLogger(), signal: new AbortController().signal }
}
