// The guest kit: what scenario programs use inside the guest. Plain JavaScript, because the guest runs bare node.

export { readAttribute, writeAttribute } from './kit/attribute.mjs'
export { device, devices, driverOverride, groupMembers, pciAddresses } from './kit/devices.mjs'
export { dumpTree } from './kit/dump-tree.mjs'
export { differences, hostState, janus, janusJson, janusProgram, repository, startJanus } from './kit/janus.mjs'
export { hideModule, loadDriversByModalias, loadModule, settleDrivers, unloadModule } from './kit/modules.mjs'
export { networkInterface, setUpDefaultRoute } from './kit/network.mjs'
export { check, finish, marker, note, report, value } from './kit/report.mjs'
export { run, start } from './kit/run.mjs'
export { makeFileSystem, mountDevice, nvmeDisk } from './kit/storage.mjs'
export { holdVfioDevice } from './kit/vfio.mjs'
export { waitFor } from './kit/wait-for.mjs'
export { listFolder, stateDifferences, writableMounts, writableState } from './kit/writable-state.mjs'
