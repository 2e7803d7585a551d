import { driverBlacklisted, driverForbidden, driverMissing } from './driver-missing.mjs'
import { held } from './held.mjs'
import { bootDisplay, defaultRoute, virtualFunctions } from './in-use.mjs'
import { noGroup, noIommu, pciBridge, rootPort, sibling } from './isolation.mjs'
import { absentDevice } from './names.mjs'
import { foreignBinding, foreignOverride, leftOverOverride, twins, waiting } from './neighbours.mjs'
import { mounted, mountedThroughLayers, neverBound } from './storage.mjs'

/**
 * The trap set, in the order it has to run in: what must find vfio-pci not loaded comes first. A trap is
 * `{ name, title, prepare(addresses, tool) }`; `prepare` sets it and returns a scene:
 * - `device`, and `home`: the driver it belongs on, where that is not the present one;
 * - `asks`: what a tool is asked in order, `bind` or `give-back`, and `exits`: the exit code that is right for each;
 *   With `alreadySo` the device is where it was asked to be before, and a tool may as well say so with success;
 * - `evidence`: what the answer of Janus has to name;
 * - `between()`: what is wrong after the first ask; `harm()`: what is broken after each, besides drivers and overrides;
 *   `flaws()`: why what succeeded is of no use;
 * - `release()`: lets go of the device, after which `returnsBy` is what the tool is asked so that it comes home;
 * - `close()`: takes the trap away again, once every device is where it was.
 * After all asks every device has to be on the driver and aimed as it was when `prepare` was done.
 */
export const traps = [
  driverForbidden,
  driverBlacklisted,
  driverMissing,
  absentDevice,
  noIommu,
  noGroup,
  rootPort,
  pciBridge,
  sibling,
  virtualFunctions,
  mounted,
  mountedThroughLayers,
  neverBound,
  defaultRoute,
  bootDisplay,
  twins,
  foreignBinding,
  foreignOverride,
  leftOverOverride,
  waiting,
  held,
]
