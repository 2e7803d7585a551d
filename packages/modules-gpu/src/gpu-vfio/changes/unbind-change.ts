import type { Change, Condition, Host, UndoChange } from '@janus/core'
import { lossesOf } from '../losses.js'
import type { GpuVfioOptions } from '../options.js'
import { usesThatStop } from '../uses-that-stop.js'
import { wayHomeEnd } from './override-change.js'
import type { UnboundTarget } from './unbound-target.js'

/**
 * Takes the device from its driver. Its undo aims the override home before it binds: while the override names another
 * driver, the old one answers ENODEV.
 */
export async function unbindChange(
  host: Host,
  options: GpuVfioOptions,
  target: UnboundTarget,
): Promise<readonly Change[]> {
  const { device, uses } = target
  if (device.driver === undefined) return []
  const losses = lossesOf(uses)
  const link = `${device.path}/driver`
  return [
    {
      kind: 'write-attribute',
      path: `/sys/bus/pci/drivers/${device.driver}/unbind`,
      value: device.address,
      why: `take ${device.address} from ${device.driver}`,
      expect: [
        { kind: 'linksTo', path: link, target: `/sys/bus/pci/drivers/${device.driver}` },
        { kind: 'unused', path: device.path, uses: usesThatStop(options) },
      ],
      verify: [{ kind: 'absent', path: link }],
      scope: 'runtime',
      ...(losses.length === 0 ? {} : { irreversible: losses }),
      undo: await homeward(host, target, device.driver),
    },
  ]
}

async function homeward(host: Host, target: UnboundTarget, driver: string): Promise<readonly UndoChange[]> {
  const { device, vfio, override } = target
  const link = `${device.path}/driver`
  const home: Condition = { kind: 'linksTo', path: link, target: `/sys/bus/pci/drivers/${driver}` }
  return [
    ...(await reloadDriver(host, driver)),
    {
      kind: 'write-attribute',
      path: override.path,
      value: driver,
      why: `aim ${device.address} home, at ${driver}`,
      verify: [{ kind: 'equals', path: override.path, value: driver }],
      unless: [home],
      expect: [{ kind: 'absent', path: link }],
      scope: 'runtime',
    },
    {
      kind: 'write-attribute',
      path: `/sys/bus/pci/drivers/${driver}/bind`,
      value: device.address,
      why: `give ${device.address} back to ${driver}`,
      expect: [{ kind: 'absent', path: link }],
      verify: [home],
      scope: 'runtime',
    },
    ...(override.value === vfio.driver ? wayHomeEnd(target) : []),
  ]
}

/** A driver that was built in has no module to load again. */
async function reloadDriver(host: Host, driver: string): Promise<readonly UndoChange[]> {
  const directory = `/sys/bus/pci/drivers/${driver}`
  const name = (await host.readLink(`${directory}/module`)).value?.split('/').at(-1)
  if (name === undefined) return []
  const present: Condition = { kind: 'exists', path: directory }
  return [
    {
      kind: 'load-kernel-module',
      name,
      why: `load ${driver} again if it is gone`,
      verify: [present],
      unless: [present],
      scope: 'runtime',
    },
  ]
}
