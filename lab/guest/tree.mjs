// Everything below the folders that Janus reads on a host, as text.
import { readFileSync } from 'node:fs'
import { check, dumpTree, finish, value } from './kit.mjs'

const folders = ['bus/pci', 'devices', 'kernel/iommu_groups', 'class/iommu', 'kernel/mm', 'firmware/acpi/tables']
for (const folder of folders) value(`/sys/${folder}`, dumpTree(`/sys/${folder}`))
const files = [
  'cmdline',
  'cpuinfo',
  'meminfo',
  'mounts',
  'swaps',
  'modules',
  'iomem',
  'interrupts',
  'version',
  'devices',
]
value('/proc', Object.fromEntries(files.map((name) => [`/proc/${name}`, readFileSync(`/proc/${name}`, 'latin1')])))
check('the tree was read', true)
finish()
