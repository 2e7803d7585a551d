import { settleDrivers } from '../kit.mjs'
import { physicalFunction as pf } from './places.mjs'

/** SR-IOV: numbers of functions, and a physical function that has some. */
export async function virtualFunctions({ attribute, bind, unbind, probe, override, expectDriver }) {
  await attribute(pf, 'sriov_drivers_autoprobe', '0', 'ok')
  await attribute(pf, 'sriov_numvfs', '3', 'ERANGE')
  await attribute(pf, 'sriov_numvfs', 'x', 'EINVAL')
  await attribute(pf, 'sriov_numvfs', '1', 'ok')
  await settleDrivers()
  await attribute(pf, 'sriov_numvfs', '2', 'EBUSY')
  await attribute(pf, 'sriov_numvfs', '1', 'ok')
  await attribute(pf, 'sriov_numvfs', '0', 'ok')
  await attribute(pf, 'sriov_numvfs', '2', 'ok')
  await settleDrivers()
  await override(pf, 'vfio-pci', 'ok')
  await unbind('nvme', pf, 'ok')
  await bind('vfio-pci', pf, 'EBUSY')
  await probe(pf, 'ok')
  expectDriver(pf, null)
  // Without a driver the functions cannot be taken away either.
  await attribute(pf, 'sriov_numvfs', '0')
  await override(pf, '\n', 'ok')
  await bind('nvme', pf, 'ok')
  await settleDrivers()
  await attribute(pf, 'sriov_numvfs', '0', 'ok')

  await override(pf, 'vfio-pci', 'ok')
  await unbind('nvme', pf, 'ok')
  await bind('vfio-pci', pf, 'ok')
  await attribute(pf, 'sriov_numvfs', '1', 'ENOENT')
  await unbind('vfio-pci', pf, 'ok')
  await override(pf, '\n', 'ok')
  await bind('nvme', pf, 'ok')
  await attribute(pf, 'sriov_drivers_autoprobe', '1', 'ok')
  await settleDrivers()
}
