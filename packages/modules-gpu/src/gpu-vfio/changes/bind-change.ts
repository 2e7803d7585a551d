import type { Change } from '@janus/core'
import type { Target } from '../targets.js'

/**
 * Binds the device by the driver's own `bind`, which returns the error of the probe; `drivers_probe` reports success
 * whatever happened. Undoing waits for nobody: it is not tried while a program holds the group open.
 */
export function bindChange({ device, vfio }: Target): Change {
  const link = `${device.path}/driver`
  const directory = `/sys/bus/pci/drivers/${vfio.driver}`
  const isOnVfio = { kind: 'linksTo', path: link, target: directory } as const
  const group =
    device.iommuGroup === undefined ? [] : [{ kind: 'unheld', path: `/dev/vfio/${device.iommuGroup}` } as const]
  return {
    kind: 'write-attribute',
    path: `${directory}/bind`,
    value: device.address,
    why: `bind ${device.address} to ${vfio.driver}`,
    expect: [{ kind: 'absent', path: link }],
    verify: [isOnVfio],
    scope: 'runtime',
    undo: [
      {
        kind: 'write-attribute',
        path: `${directory}/unbind`,
        value: device.address,
        why: `take ${device.address} from ${vfio.driver} again`,
        expect: [isOnVfio, ...group, { kind: 'unused', path: device.path, uses: ['virtual-machine'] }],
        verify: [{ kind: 'absent', path: link }],
        scope: 'runtime',
      },
    ],
  }
}
