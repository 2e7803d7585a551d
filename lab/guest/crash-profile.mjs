// Kills the unmodified CLI at every point of a profile of two stages and of its rollback; recovers, and compares the machine.
import { readFileSync, writeFileSync } from 'node:fs'
import { killAtEveryPoint } from './kit/crash-points.mjs'
import { finish, hostState } from './kit.mjs'

const [addresses, selection = 'all'] = process.argv.slice(2)
const { physicalFunction, virtualFunctions } = JSON.parse(addresses)
const path = '/root/profile.json'
const pool = '/sys/devices/system/node/node0/hugepages/hugepages-2048kB/nr_hugepages'
const modules = [
  { module: 'cpu-hugepages', options: { pages: 8, node: 0 } },
  { module: 'gpu-sriov', options: { devices: [physicalFunction], functions: 2 } },
  { module: 'gpu-vfio', options: { devices: [virtualFunctions[0]] } },
]
writeFileSync(path, JSON.stringify({ schema: 'janus.profile/1', name: 'crash', modules }), { mode: 0o600 })

await killAtEveryPoint({
  apply: ['profile', 'apply', path, '--yes'],
  rollback: ['rollback', '--profile', 'crash', '--yes'],
  readState: async () => ({ ...(await hostState()), pages: readFileSync(pool, 'utf8') }),
  isPlanned: ({ devices, pages }) => devices[virtualFunctions[0]]?.driver === 'vfio-pci' && pages.trim() === '8',
  selection,
})
finish()
