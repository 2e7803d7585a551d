import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TreeInput } from '@janus/core/testing'
import { standardAddresses } from '@janus/core/testing'
import { describe, expect, it } from 'vitest'
import { bootFiles } from '../../src/gpu-vfio-boot/boot-files.js'
import { gpuVfioBoot } from '../../src/index.js'
import { archive, bootMachine, nvmeBinding } from '../fixture/boot-machines.js'
import { runOn } from '../fixture/run-module.js'

const { nvme } = standardAddresses
const CONFIGURATION = '/etc/mkinitcpio.conf'
const PRESET = '/etc/mkinitcpio.d/linux.preset'
const IMAGE = '/boot/initramfs-linux.img'
const HOOK = '/etc/initcpio/hooks/janus-vfio'
const UNIT = '/etc/initcpio/janus-vfio.service'
const WANTS = '/etc/initcpio/janus-vfio-udevd.conf'
const UNITS = 'usr/lib/systemd/system'
const WANTS_MEMBER = `${UNITS}/systemd-udevd.service.d/janus-vfio.conf`
const FALLBACK = '/boot/initramfs-linux-fallback.img'

describe('gpu-vfio-boot with mkinitcpio', () => {
  it('refuses where a file that mkinitcpio reads after its own sets the hooks again', async () => {
    for (const name of ['zz.conf', 'Z.conf', 'janus-vfio2.conf']) {
      await expect(apply({ [`${CONFIGURATION}.d/${name}`]: 'HOOKS=(base udev)\n' })).rejects.toMatchObject({
        code: 'JANUS_HOST_UNFIT',
        message: expect.stringContaining(`${name} comes after janus-vfio.conf`),
      })
    }
    expect(await apply({ [`${CONFIGURATION}.d/zz.conf`]: 'COMPRESSION="zstd"\n' })).not.toEqual([])
  })

  it('leaves a file alone that comes later and adds to the list, but not one that adds to a string', async () => {
    expect(await apply({ [`${CONFIGURATION}.d/zz.conf`]: 'HOOKS+=(encrypt)\n' })).not.toEqual([])
    await expect(apply({ [`${CONFIGURATION}.d/zz.conf`]: 'HOOKS+=" encrypt"\n' })).rejects.toMatchObject({
      code: 'JANUS_HOST_UNFIT',
    })
  })

  it.each([
    'HOOKS=(base udev modconf block)',
    'HOOKS=(base systemd autodetect microcode modconf kms sd-vconsole block sd-encrypt filesystems)',
    'HOOKS=(systemd autodetect)',
    'HOOKS="base systemd"',
  ])('puts the script and the unit that runs it into the image of %s, and reads both back', async (hooks) => {
    const changes = await apply({ [CONFIGURATION]: `${hooks}\n`, [`${CONFIGURATION}.d/10-a.conf`]: 'HOOKS+=(usr)\n' })
    const written = new Map(
      changes.flatMap((change) =>
        change.kind === 'write-file' && 'text' in change.content ? [[change.path, change.content.text] as const] : [],
      ),
    )
    const build = changes.find(({ kind }) => kind === 'run-command')
    const members = { [HOOK]: 'hooks/janus-vfio', [UNIT]: `${UNITS}/janus-vfio.service`, [WANTS]: WANTS_MEMBER }
    expect(build?.verify).toEqual(
      Object.entries(members).map(([path, member]) => ({
        kind: 'archive-member',
        path: IMAGE,
        member,
        sha256: createHash('sha256')
          .update(written.get(path) ?? '')
          .digest('hex'),
      })),
    )
  })

  it('finds an image wanting that has the script and not the unit, as an earlier version left it', async () => {
    const machine = bootMachine('mkinitcpio')
    for (const { path, text } of bootFiles('mkinitcpio', [nvmeBinding]).files) machine.put({ [path]: text })
    machine.put({ [IMAGE]: archive({ 'hooks/janus-vfio': textOf(HOOK) }) })
    expect(await runOn(gpuVfioBoot, machine).check()).toContainEqual(
      expect.objectContaining({
        id: 'initramfs',
        status: 'warn',
        summary: expect.stringMatching(/janus-vfio\.service, .*janus-vfio\.conf is missing/),
      }),
    )
  })

  it('has the build put in place what the unit needs, and calls nothing that mkinitcpio does not give to hooks', () => {
    const record = (name: string) => `${name}() { echo ${name} "$@"; }\n`
    const given = ['add_module', 'add_runscript', 'add_binary', 'add_symlink', 'add_file'].map(record).join('')
    const calls = execFileSync('/bin/bash', ['-euc', `${given}${textOf('/etc/initcpio/install/janus-vfio')}build`], {
      encoding: 'utf8',
      env: { PATH: '' },
    })
    expect(calls.trim().split('\n')).toEqual([
      'add_module vfio_pci',
      'add_module vfio_iommu_type1',
      'add_runscript',
      'add_binary /usr/lib/initcpio/busybox /usr/bin/busybox',
      'add_symlink /usr/bin/readlink busybox',
      `add_file ${UNIT} /${UNITS}/janus-vfio.service`,
      `add_file ${WANTS} /${WANTS_MEMBER}`,
    ])
  })

  it('runs by its unit the script that busybox runs as a hook', () => {
    const root = mkdtempSync(join(tmpdir(), 'janus-unit-'))
    try {
      for (const folder of ['hooks', 'run', 'proc', 'dev']) mkdirSync(join(root, folder))
      const moved = (text: string) => text.replaceAll(/(?<![\w$])\/(sys|proc|dev|run|hooks)\//g, `${root}/$1/`)
      writeFileSync(join(root, 'hooks/janus-vfio'), moved(textOf(HOOK)))
      const [, program = '', shell = '', script = ''] = /^ExecStart=(\S+) (\S+) -c '([^']*)'$/m.exec(textOf(UNIT)) ?? []
      execFileSync(program, [shell, '-c', moved(script)], { env: {} })
      expect(readFileSync(join(root, 'run/janus-vfio-boot'), 'utf8')).toBe(`${nvme} absent\n`)
    } finally {
      rmSync(root, { recursive: true })
    }
  })

  it.each(['HOOKS=(base udev block)', 'HOOKS="base udev block"', "HOOKS='base  udev block'"])(
    'puts its hook before those of %s, each still a word of its own',
    (line) => {
      const words = execFileSync(
        'bash',
        ['-c', `${line}\n${textOf(`${CONFIGURATION}.d/janus-vfio.conf`)}printf '%s\\n' "\${HOOKS[@]}"`],
        {
          encoding: 'utf8',
        },
      )
      expect(words).toBe('janus-vfio\nbase\nudev\nblock\n')
    },
  )

  it.each([
    { line: 'default_config="/etc/mkinitcpio.conf"', setBy: 'default_config' },
    { line: "ALL_config='/etc/mkinitcpio.conf'", setBy: 'ALL_config' },
    { line: 'default_options="-S autodetect -c /etc/mkinitcpio.conf"', setBy: 'default_options' },
    { line: 'default_options=(--config=/etc/mkinitcpio.conf)', setBy: 'default_options' },
  ])(
    'refuses before it writes anything where a preset says $line, for no drop-in file is read then',
    async ({ line, setBy }) => {
      await expect(apply({ [PRESET]: preset(line) })).rejects.toMatchObject({
        code: 'JANUS_HOST_UNFIT',
        message: expect.stringContaining(`${setBy} of ${PRESET} names /etc/mkinitcpio.conf for ${IMAGE}`),
        remedy: expect.stringMatching(/comment/i),
      })
      expect(await apply({ [PRESET]: preset(`#${line}`) })).not.toEqual([])
    },
  )

  it('shows the name of an image that a preset makes without what would steer a terminal', async () => {
    const odd = '/boot/a\u001b[31m.img'
    const text = preset('default_config="/etc/mkinitcpio.conf"').replace(IMAGE, odd)
    const error = await apply({ [PRESET]: text, [odd]: 'image' }).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'JANUS_HOST_UNFIT', message: expect.stringContaining('/boot/a [31m.img') })
    expect(JSON.stringify((error as { data: unknown }).data)).not.toContain('u001b')
  })

  it('looks only at the configuration of what it builds', async () => {
    const other = { '/etc/mkinitcpio.d/old.preset': `ALL_config="/etc/old.conf"\n${preset('')}` }
    await expect(apply(other)).rejects.toMatchObject({ code: 'JANUS_HOST_UNFIT' })
    expect(await apply(other, { allKernels: false })).not.toEqual([])
    const unused = `${preset('fallback_config="/etc/old.conf"')}fallback_image="${FALLBACK}"\n`
    expect(await apply({ [PRESET]: unused, [FALLBACK]: 'image' })).not.toEqual([])
  })

  it('expects an image only of what a preset makes: a fallback that nobody builds any more is left alone', async () => {
    const both = (presets: string) =>
      `PRESETS=${presets}\ndefault_image="${IMAGE}"\nfallback_image='${FALLBACK}'\nfallback_options="-S autodetect"\n`
    const outputs = async (presets: string) =>
      (await apply({ [PRESET]: both(presets), [FALLBACK]: 'image' })).flatMap((change) =>
        change.kind === 'run-command' ? [change.outputs] : [],
      )
    expect(await outputs("('default' 'fallback')")).toEqual([[IMAGE, FALLBACK]])
    expect(await outputs("('default')")).toEqual([[IMAGE]])
  })

  it('refuses a unified kernel image by either of its names, and does not promise that udev comes in time', async () => {
    for (const name of ['default_uki', 'default_efi_image']) {
      await expect(apply({ [PRESET]: preset(`${name}="/efi/EFI/Linux/arch.efi"`) })).rejects.toMatchObject({
        code: 'JANUS_HOST_UNFIT',
        message: expect.stringContaining('unified kernel image'),
        remedy: expect.stringContaining('kms'),
      })
    }
  })

  it('refuses a mkinitcpio that knows no drop-in files', async () => {
    await expect(apply({ '/usr/bin/mkinitcpio': '#!/bin/bash\n_f_config=mkinitcpio.conf\n' })).rejects.toMatchObject({
      code: 'JANUS_HOST_UNFIT',
      message: expect.stringContaining('/etc/mkinitcpio.conf.d'),
      remedy: expect.stringContaining('36'),
    })
  })
})

function preset(line: string): string {
  return `ALL_kver="/boot/vmlinuz-linux"\nPRESETS=('default')\n${line}\ndefault_image="${IMAGE}"\n`
}

/** A file as Janus writes it for one device. */
function textOf(path: string): string {
  return bootFiles('mkinitcpio', [nvmeBinding]).files.find((file) => file.path === path)?.text ?? ''
}

function apply(files: TreeInput, options: object = {}) {
  return runOn(gpuVfioBoot, bootMachine('mkinitcpio', { files })).apply({ devices: [nvme], ...options })
}
