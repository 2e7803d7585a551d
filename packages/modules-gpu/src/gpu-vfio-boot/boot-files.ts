import type { Condition } from '@janus/core'
import type { InitramfsToolName } from '@janus/core/boot'
import type { BootBinding } from './boot-binding.js'
import { earlyScript } from './early-script.js'

/** A file that the method needs. */
export interface BootFile {
  readonly path: string
  readonly text: string
  readonly mode: number
  readonly why: string
  /** What the text rests on. */
  readonly expect?: readonly Condition[]
}

/** What a method writes, and what must be found in the image afterwards. */
export interface BootFiles {
  /** The first names the devices. */
  readonly files: readonly BootFile[]
  /** Name in the image to the file it is a copy of. */
  readonly members: Readonly<Record<string, string>>
}

const INITRAMFS_TOOLS_SCRIPT = '/etc/initramfs-tools/scripts/init-top/00-janus-vfio'
const DRACUT_MODULE = '/usr/lib/dracut/modules.d/91janus-vfio'
const MKINITCPIO_HOOK = '/etc/initcpio/hooks/janus-vfio'
const MKINITCPIO_UNIT = '/etc/initcpio/janus-vfio.service'
const MKINITCPIO_WANTS = '/etc/initcpio/janus-vfio-udevd.conf'

/** Where the file that names the devices lies, for each tool. */
export const SCRIPT_PATHS: Readonly<Record<InitramfsToolName, string>> = {
  'initramfs-tools': INITRAMFS_TOOLS_SCRIPT,
  dracut: `${DRACUT_MODULE}/janus-vfio.sh`,
  mkinitcpio: MKINITCPIO_HOOK,
}

/** The files with which a tool puts the early script into its image. */
export function bootFiles(tool: InitramfsToolName, bindings: readonly BootBinding[]): BootFiles {
  const modules = [...new Set(bindings.map(({ module }) => module)), 'vfio_iommu_type1']
  switch (tool) {
    case 'initramfs-tools':
      return initramfsToolsFiles(bindings, modules)
    case 'dracut':
      return dracutFiles(bindings, modules)
    case 'mkinitcpio':
      return mkinitcpioFiles(bindings, modules)
  }
}

const NOTE = '# Written by Janus (gpu-vfio-boot). Undo with: janus rollback.\n'
const SCRIPT = 'check and bind the devices in the initramfs, before any driver is loaded'
const HOOK = 'put the VFIO modules into the initramfs'

/** initramfs-tools(7): scripts of a stage run in the order of their names where they need nothing, so before `udev`. */
function initramfsToolsFiles(bindings: readonly BootBinding[], modules: readonly string[]): BootFiles {
  const prerequisites = `case "$1" in\nprereqs)\n  echo\n  exit 0\n  ;;\nesac\n`
  const script = earlyScript(bindings, { before: prerequisites, after: 'exit 0\n' })
  const hook = `#!/bin/sh\n${NOTE}${prerequisites}. /usr/share/initramfs-tools/hook-functions\nmanual_add_modules ${modules.join(' ')}\n`
  return {
    files: [
      { path: INITRAMFS_TOOLS_SCRIPT, text: script, mode: 0o755, why: SCRIPT },
      { path: '/etc/initramfs-tools/hooks/janus-vfio', text: hook, mode: 0o755, why: HOOK },
    ],
    members: { 'scripts/init-top/00-janus-vfio': INITRAMFS_TOOLS_SCRIPT },
  }
}

/** dracut.modules(7). It sources the script; it looks for modules nowhere in /etc. A copy has a name that no version changes. */
function dracutFiles(bindings: readonly BootBinding[], modules: readonly string[]): BootFiles {
  const script = `${DRACUT_MODULE}/janus-vfio.sh`
  const setup = `#!/bin/bash
${NOTE}
check() {
  return 0
}

depends() {
  return 0
}

installkernel() {
  hostonly='' instmods ${modules.join(' ')}
}

install() {
  inst_multiple readlink modprobe
  inst_hook pre-udev 00 "$moddir/janus-vfio.sh"
  inst_simple "$moddir/janus-vfio.sh" /usr/lib/janus/vfio-boot.sh
}
`
  return {
    files: [
      { path: script, text: earlyScript(bindings, { before: '', after: '' }), mode: 0o755, why: SCRIPT },
      { path: `${DRACUT_MODULE}/module-setup.sh`, text: setup, mode: 0o755, why: HOOK },
    ],
    members: { 'usr/lib/janus/vfio-boot.sh': script },
  }
}

/** Where systemd looks for units in the image. */
const UNITS = 'usr/lib/systemd/system'
const UNIT_MEMBER = `${UNITS}/janus-vfio.service`
const WANTS_MEMBER = `${UNITS}/systemd-udevd.service.d/janus-vfio.conf`

/**
 * systemd.unit(5). The script must have run before the first module is loaded: udevd also starts by its sockets, and
 * modules-load for `MODULES` of mkinitcpio.conf. It stays active, so that nothing starts it twice.
 */
const UNIT = `${NOTE}[Unit]
Description=Give PCI functions to VFIO before any driver is loaded
DefaultDependencies=no
ConditionPathExists=/etc/initrd-release
Before=systemd-modules-load.service systemd-udevd.service systemd-udev-trigger.service

[Service]
Type=oneshot
RemainAfterExit=yes
# A module that hangs while it is loaded holds the boot up no longer.
TimeoutStartSec=60
ExecStart=/usr/bin/busybox ash -c '. /hooks/janus-vfio && run_earlyhook'
`

/** A file, where a link in a folder of wants would do: of a file the image is known to hold the bytes. */
const WANTS = `${NOTE}[Unit]
Wants=janus-vfio.service
`

/**
 * mkinitcpio(8): a hook of our own before all others. Where busybox is the init of the image, it runs the script ahead of
 * udev (`run_earlyhook`); systemd runs no hooks and has a unit that runs the same script. Every image has both, for what its
 * init is may change with a line of mkinitcpio.conf. Only the hook `base` brings a shell, the same one.
 */
function mkinitcpioFiles(bindings: readonly BootBinding[], modules: readonly string[]): BootFiles {
  const script = earlyScript(bindings, { before: 'run_earlyhook() {\n', after: '}\n' })
  const install = `#!/bin/bash
${NOTE}
build() {
${modules.map((module) => `  add_module ${module}\n`).join('')}  add_runscript
  add_binary /usr/lib/initcpio/busybox /usr/bin/busybox
  add_symlink /usr/bin/readlink busybox
  add_file ${MKINITCPIO_UNIT} /${UNIT_MEMBER}
  add_file ${MKINITCPIO_WANTS} /${WANTS_MEMBER}
}

help() {
  echo 'Gives PCI functions to VFIO before any driver is loaded.'
}
`
  // Unquoted, because HOOKS may still be one string of many names here: it becomes a list only after these files are read.
  const configuration = `${NOTE}HOOKS=(janus-vfio \${HOOKS[@]})\n`
  const files: readonly (readonly [path: string, text: string, why: string])[] = [
    [MKINITCPIO_HOOK, script, SCRIPT],
    [MKINITCPIO_UNIT, UNIT, 'run the script also where systemd is the init of the initramfs'],
    [MKINITCPIO_WANTS, WANTS, 'have systemd start that unit before udev'],
    ['/etc/initcpio/install/janus-vfio', install, 'put script, unit and VFIO modules into the initramfs'],
    ['/etc/mkinitcpio.conf.d/janus-vfio.conf', configuration, 'have mkinitcpio take the hook, before all others'],
  ]
  return {
    files: files.map(([path, text, why]) => ({ path, text, mode: 0o644, why })),
    members: {
      'hooks/janus-vfio': MKINITCPIO_HOOK,
      [UNIT_MEMBER]: MKINITCPIO_UNIT,
      [WANTS_MEMBER]: MKINITCPIO_WANTS,
    },
  }
}
