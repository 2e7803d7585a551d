// Kills the unmodified CLI at every fsync, before journal records and at every order of its hand, in a `bind` and in its
// rollback, and again in a recovery; recovers, and compares the host with before and planned.
import { writeFileSync } from 'node:fs'
import { killAtEveryPoint } from './kit/crash-points.mjs'
import { unloadLoaded } from './kit/modules.mjs'
import { finish, run } from './kit.mjs'

const [target, selection = 'all'] = process.argv.slice(2)

await killAtEveryPoint({
  apply: ['bind', '--device', target, '--apply', '--yes'],
  isPlanned: ({ devices }) => devices[target].driver === 'vfio-pci',
  bringHome,
  bringAway,
  selection,
})
finish()

// The host is brought there by plain writes, because running the CLI for it would double the time.
async function bringAway({ before }) {
  await run('modprobe', ['vfio-pci'])
  writeFileSync(`/sys/bus/pci/devices/${target}/driver_override`, 'vfio-pci')
  writeFileSync(`/sys/bus/pci/drivers/${before.devices[target].driver}/unbind`, target)
  writeFileSync('/sys/bus/pci/drivers/vfio-pci/bind', target)
}

async function bringHome({ before, planned }) {
  writeFileSync('/sys/bus/pci/drivers/vfio-pci/unbind', target)
  writeFileSync(`/sys/bus/pci/devices/${target}/driver_override`, '\n')
  writeFileSync(`/sys/bus/pci/drivers/${before.devices[target].driver}/bind`, target)
  await unloadLoaded(planned.modules.filter((name) => !before.modules.includes(name)))
}
