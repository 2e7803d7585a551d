import type { WriteAttribute } from '../../contract/change.js'
import type { Host } from '../../contract/host.js'
import { comparableValue, isWriteOnly } from '../../plan/attribute-forms.js'
import type { OverlayBase } from './lay-change.js'
import { driverOrderOf, layDriverOrder } from './lay-driver-order.js'
import { layProcessors } from './lay-processors.js'

const VIRTUAL_FUNCTIONS = /^(\/sys\/.*)\/sriov_numvfs$/
const POOL = /^(\/sys\/.*\/hugepages-\d+kB)\/nr_hugepages$/
const CHOICES = /\[[^\]]*\]/

/**
 * Makes the overlay show a written attribute as the kernel will print it. An order to a driver moves the device's link
 * (Documentation/ABI/testing/sysfs-bus-pci); what other orders do, only the kernel shows.
 */
export async function layAttribute(base: OverlayBase, change: WriteAttribute): Promise<void> {
  const { tree, host } = base
  const { path, value } = change
  const order = driverOrderOf(change)
  if (order !== undefined) return layDriverOrder(base, order)
  if (isWriteOnly(path)) return
  const before = (await host.readText(path)).value
  const wanted = comparableValue(path, value)
  const chooses = before !== undefined && CHOICES.test(before) && comparableValue(path, before) !== before.trimEnd()
  const text = chooses ? chosen(before, wanted) : `${wanted}\n`
  await tree.put(path, { type: 'attribute', text })
  await layProcessors(base, change)
  const pool = POOL.exec(path)?.[1]
  if (pool !== undefined) await layPool(base, pool, Number(wanted) - Number(before ?? wanted))
  const device = VIRTUAL_FUNCTIONS.exec(path)?.[1]
  if (device !== undefined && wanted === '0') await layNoVirtualFunctions(base, device)
}

/** `always [madvise] never` with another one chosen. */
function chosen(text: string, wanted: string): string {
  const words = text.replace(/[[\]]/g, '').trimEnd().split(' ')
  return `${words.map((word) => (word === wanted ? `[${word}]` : word)).join(' ')}\n`
}

/** Pages that are added are free; of those taken away, the free ones go first (admin-guide/mm/hugetlbpage.rst). */
async function layPool({ tree, host }: OverlayBase, pool: string, added: number): Promise<void> {
  const path = `${pool}/free_hugepages`
  const free = Number((await host.readText(path)).value)
  if (!Number.isInteger(free) || !Number.isInteger(added)) return
  await tree.put(path, { type: 'attribute', text: `${Math.max(0, free + added)}\n` })
}

/** The functions that a physical function had are gone with all that led to them. */
async function layNoVirtualFunctions({ tree, host }: OverlayBase, device: string): Promise<void> {
  const names = (await host.list(device)).value ?? []
  for (const name of names.filter((one) => /^virtfn\d+$/.test(one))) {
    const location = (await host.readLink(`${device}/${name}`)).value
    if (location === undefined) continue
    await layGone({ tree, host }, location)
    await tree.put(`${device}/${name}`, { type: 'absent' })
  }
}

async function layGone({ tree, host }: { readonly tree: OverlayBase['tree']; readonly host: Host }, location: string) {
  const address = location.slice(location.lastIndexOf('/') + 1)
  const group = (await host.readLink(`${location}/iommu_group`)).value
  const driver = (await host.readLink(`${location}/driver`)).value
  if (group !== undefined) await tree.put(`${group}/devices/${address}`, { type: 'absent' })
  if (driver !== undefined) await tree.put(`${driver}/${address}`, { type: 'absent' })
  await tree.put(`/sys/bus/pci/devices/${address}`, { type: 'absent' })
  await tree.put(location, { type: 'absent' })
}
