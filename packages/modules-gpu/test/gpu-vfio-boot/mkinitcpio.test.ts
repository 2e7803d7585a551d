import { execFileSync } from 'node:child_process'
import type { TreeInput } from '@janus/core/testing'
import { standardAddresses } from '@janus/core/testing'
import { describe, expect, it } from 'vitest'
import { bootFiles } from '../../src/gpu-vfio-boot/boot-files.js'
import { gpuVfioBoot } from '../../src/index.js'
import { bootMachine } from '../fixture/boot-machines.js'
import { runOn } from '../fixture/run-module.js'

const { nvme } = standardAddresses
const CONFIGURATION = '/etc/mkinitcpio.conf'
const PRESET = '/etc/mkinitcpio.d/linux.preset'
const IMAGE = '/boot/initramfs-linux.img'
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

  it('does not believe in hooks where systemd is the init of the initramfs', async () => {
    const files = { [CONFIGURATION]: 'HOOKS=(base systemd autodetect modconf)\n' }
    await expect(apply(files)).rejects.toMatchObject({ code: 'JANUS_HOST_UNFIT' })
  })

  it.each([
    { text: 'HOOKS=(base systemd)\n', message: /10-a\.conf makes systemd/ },
    { text: 'HOOKS="base systemd"\n', message: /10-a\.conf makes systemd/ },
    { text: 'HOOKS+=(encrypt)\n', message: /10-a\.conf adds to HOOKS/ },
  ])('reads the hooks that mkinitcpio takes from conf.d: $text', async ({ text, message }) => {
    const files = { [`${CONFIGURATION}.d/10-a.conf`]: text }
    await expect(apply(files)).rejects.toMatchObject({
      code: 'JANUS_HOST_UNFIT',
      message: expect.stringMatching(message),
    })
    const udev = { ...files, [`${CONFIGURATION}.d/20-b.conf`]: 'HOOKS=(base udev)\n' }
    if (!text.includes('+=')) expect(await apply(udev)).not.toEqual([])
  })

  it.each(['HOOKS=(base udev block)', 'HOOKS="base udev block"', "HOOKS='base  udev block'"])(
    'puts its hook before those of %s, each still a word of its own',
    (line) => {
      const words = execFileSync('bash', ['-c', `${line}\n${dropIn()}printf '%s\\n' "\${HOOKS[@]}"`], {
        encoding: 'utf8',
      })
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

/** The file that has mkinitcpio take the hook. */
function dropIn(): string {
  const { files } = bootFiles('mkinitcpio', [])
  return files.find(({ path }) => path.startsWith(`${CONFIGURATION}.d/`))?.text ?? ''
}

function apply(files: TreeInput, options: object = {}) {
  return runOn(gpuVfioBoot, bootMachine('mkinitcpio', { files })).apply({ devices: [nvme], ...options })
}
