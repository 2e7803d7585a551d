import { type BootBinding, isBootBinding } from './boot-binding.js'

/** Where the early script leaves what it did; /run is kept when the real root is mounted. */
export const EARLY_REPORT = '/run/janus-vfio-boot'

/** Word of the kernel command line with which a boot binds nothing: the way back when a binding keeps a host from starting. */
export const OFF_SWITCH = 'janus.vfio=off'

/** How the script of an initramfs begins and ends for the tool that runs it. */
export interface ScriptFrame {
  readonly before: string
  readonly after: string
}

const HEADER = `# Written by Janus (gpu-vfio-boot): gives the PCI functions below to VFIO before any driver is loaded.
# Undo with: janus rollback. Made by hand, a change here is reported as drift.
# A boot with ${OFF_SWITCH} on the kernel command line leaves them all to the host.
`

// Only what every shell of an initramfs has (dash, ash, klibc), no program but readlink and modprobe. Nothing here may end
// the shell that sources it, so no special builtin has a redirection, and the calls cannot fail.
const FUNCTIONS = `janus_vfio_say() {
  echo "<$1>janus-vfio-boot: $2" >/dev/kmsg
  echo "$2" >>${EARLY_REPORT}
}

# <address> <place below /sys/devices> <vendor:device:subvendor:subdevice:class> <driver> <kernel module>
janus_vfio_bind() {
  janus_path=/sys/bus/pci/devices/$1
  if [ -n "$janus_off" ]; then
    janus_vfio_say 5 "$1 off: ${OFF_SWITCH} is on the kernel command line"
    return 0
  fi
  if [ ! -e "$janus_path" ]; then
    janus_vfio_say 4 "$1 absent"
    return 0
  fi
  janus_found=
  for janus_name in vendor device subsystem_vendor subsystem_device class; do
    janus_value=
    [ ! -r "$janus_path/$janus_name" ] || read -r janus_value <"$janus_path/$janus_name"
    janus_found=$janus_found:\${janus_value#0x}
  done
  janus_found=\${janus_found#:}
  janus_place=$(readlink "$janus_path")
  janus_place=\${janus_place#*/devices/}
  if [ "$janus_found" != "$3" ] || [ "$janus_place" != "$2" ]; then
    janus_vfio_say 4 "$1 other-device $janus_found at $janus_place instead of $3 at $2: left alone"
    return 0
  fi
  if [ -e "$janus_path/driver" ]; then
    janus_vfio_say 4 "$1 taken: a driver of the kernel itself had it before"
    return 0
  fi
  echo "$4" >"$janus_path/driver_override"
  modprobe "$5"
  [ -e "/sys/bus/pci/drivers/$4/$1" ] || echo "$1" >"/sys/bus/pci/drivers/$4/bind"
  if [ -e "/sys/bus/pci/drivers/$4/$1" ]; then
    janus_vfio_say 6 "$1 bound to $4"
  else
    echo >"$janus_path/driver_override"
    echo "$1" >/sys/bus/pci/drivers_probe
    janus_vfio_say 4 "$1 unbound: $4 did not take it; left to the driver of the host"
  fi
}

janus_off=
janus_line=
[ ! -r /proc/cmdline ] || read -r janus_line </proc/cmdline
case " $janus_line " in
*' ${OFF_SWITCH} '*) janus_off=1 ;;
esac
`

/** The script that binds these devices, in the frame of the tool that puts it into the initramfs. */
export function earlyScript(bindings: readonly BootBinding[], { before, after }: ScriptFrame): string {
  const calls = bindings.map(({ address, location, identity, driver, module }) =>
    ['janus_vfio_bind', ...[address, location, identity, driver, module].map((word) => `'${word}'`), '|| :'].join(' '),
  )
  return `#!/bin/sh\n${HEADER}${before}\n${FUNCTIONS}\n${calls.join('\n')}\n${after}`
}

/** The devices that a script binds, read back from it. */
export function bindingsOfScript(text: string): readonly BootBinding[] {
  const lines = text.matchAll(/^\s*janus_vfio_bind '([^']*)' '([^']*)' '([^']*)' '([^']*)' '([^']*)' \|\| :$/gm)
  return [...lines]
    .map(([, address = '', location = '', identity = '', driver = '', module = '']) => ({
      address,
      location,
      identity,
      driver,
      module,
    }))
    .filter(isBootBinding)
}
