// Kills the unmodified CLI at every point of a profile of two stages and of its rollback; recovers, and compares the machine.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { killAtEveryPoint } from './kit/crash-points.mjs'
import { unloadLoaded } from './kit/modules.mjs'
import { treeCopies } from './kit/tree-copies.mjs'
import { finish, hostState, run } from './kit.mjs'

const TREES = ['/etc/sysctl.d', '/etc/udev']
const POOL = '/proc/sys/vm/nr_hugepages'
const [addresses, selection = 'all'] = process.argv.slice(2)
const { physicalFunction, virtualFunctions } = JSON.parse(addresses)
const [firstFunction] = virtualFunctions
const FOLDER = `/sys/bus/pci/devices/${physicalFunction}`
const AUTOPROBE = `${FOLDER}/sriov_drivers_autoprobe`
const path = '/root/profile.json'
const modules = [
  { module: 'cpu-hugepages', options: { pages: 8, persistent: true } },
  { module: 'gpu-sriov', options: { devices: [physicalFunction], functions: 2, persistent: true } },
  { module: 'gpu-vfio', options: { devices: [firstFunction] } },
]
writeFileSync(path, JSON.stringify({ schema: 'janus.profile/1', name: 'crash', modules }), { mode: 0o600 })
// The machine that builds may have no udev, whose folder the rule of a function goes to.
mkdirSync('/etc/udev', { recursive: true })
const copies = treeCopies(TREES)
copies.save('before')

await killAtEveryPoint({
  apply: ['profile', 'apply', path, '--yes'],
  rollback: ['rollback', '--profile', 'crash', '--yes'],
  readState: async () => ({
    ...(await hostState({ trees: TREES })),
    pages: readFileSync(POOL, 'utf8'),
    autoprobe: readFileSync(AUTOPROBE, 'utf8'),
  }),
  isPlanned: ({ devices, pages, autoprobe, files }) => {
    copies.save('planned')
    const isWritten = '/etc/sysctl.d/janus-hugepages.conf' in files
    const isKept = autoprobe.trim() === '0'
    return devices[firstFunction]?.driver === 'vfio-pci' && pages.trim() === '8' && isKept && isWritten
  },
  bringHome,
  bringAway,
  selection,
})
finish()

// The host is brought there by plain writes, because running the CLI for it would double the time.
async function bringAway() {
  copies.bring('planned')
  writeFileSync(POOL, '8')
  writeFileSync(AUTOPROBE, '0')
  writeFileSync(`${FOLDER}/sriov_numvfs`, '2')
  await run('modprobe', ['vfio-pci'])
  writeFileSync(`/sys/bus/pci/devices/${firstFunction}/driver_override`, 'vfio-pci')
  writeFileSync('/sys/bus/pci/drivers/vfio-pci/bind', firstFunction)
}

async function bringHome({ before, planned }) {
  copies.bring('before')
  writeFileSync(POOL, '0')
  writeFileSync('/sys/bus/pci/drivers/vfio-pci/unbind', firstFunction)
  writeFileSync(`${FOLDER}/sriov_numvfs`, '0')
  writeFileSync(AUTOPROBE, '1')
  await unloadLoaded(planned.modules.filter((name) => !before.modules.includes(name)))
}
