import { createHash } from 'node:crypto'
import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { devices } from './devices.mjs'
import { dumpTree } from './dump-tree.mjs'

/** Where init.sh leaves the layer that lies over the host's root and the kernel's modules: all that was ever written to them. */
const LAYER = '/run/janus-lab/layer'

/** File systems that hold no files of ours; an overlay is listed through its layer. */
const NOT_LISTED = new Set([
  ...['9p', 'overlay', 'rootfs', 'proc', 'sysfs', 'devpts', 'cgroup2', 'debugfs', 'tracefs', 'securityfs'],
  ...['configfs', 'bpf', 'pstore', 'efivarfs', 'mqueue', 'hugetlbfs', 'fusectl', 'binfmt_misc'],
])

/**
 * All that can be changed in the guest, one entry each: every file of every writable file system (type, mode, owner, size,
 * times except the access time, digest or target), and of the kernel the devices with driver and override, the modules,
 * the drivers, hugepages, mounts and routes. Equal states mean that nothing was changed in between.
 */
export function writableState() {
  const state = {}
  for (const folder of writableMounts()) listFolder(folder, state)
  for (const device of devices()) {
    state[`device ${device.address}`] = JSON.stringify({ ...device, override: driverOverride(device.address) })
  }
  for (const folder of ['/sys/bus/pci/drivers', '/sys/kernel/mm/hugepages', '/sys/devices/system/node']) {
    for (const [path, content] of Object.entries(dumpTree(folder))) {
      if (!/(meminfo|numastat|vmstat|uevent)$/.test(path)) state[path] = JSON.stringify(content)
    }
  }
  for (const path of ['/proc/mounts', '/proc/net/route', '/proc/swaps']) state[path] = readFileSync(path, 'utf8')
  for (const [name, size] of kernelModules()) state[`kernel module ${name}`] = size
  return state
}

/** What differs between two states: name to both values. */
export function stateDifferences(before, after) {
  const names = new Set([...Object.keys(before), ...Object.keys(after)])
  const changed = [...names].filter((name) => before[name] !== after[name])
  return Object.fromEntries(changed.map((name) => [name, { before: before[name], after: after[name] }]))
}

/** Where the file systems lie that can be written and whose files are listed. */
export function writableMounts() {
  return readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .flatMap((line) => {
      const [fields = '', origin = ''] = line.split(' - ')
      const [, , , , path, options = ''] = fields.split(' ')
      const [type] = origin.split(' ')
      const writable = options.split(',').includes('rw') && type !== '' && !NOT_LISTED.has(type)
      return writable ? [path] : []
    })
}

/** One line for each path below a folder, without following links or leaving its file system. */
export function listFolder(folder, listing = {}) {
  const { dev } = lstatSync(folder)
  const visit = (path) => {
    const stat = lstatSync(path, { bigint: true, throwIfNoEntry: false })
    if (stat === undefined || Number(stat.dev) !== dev) return
    // The kernel's own book-keeping of an overlay, not a file of anybody.
    if (path === `${LAYER}/root.work` || path === `${LAYER}/modules.work`) return
    listing[path] = describe(path, stat)
    if (stat.isDirectory()) for (const name of readdirSync(path).sort()) visit(`${path === '/' ? '' : path}/${name}`)
  }
  visit(folder)
  return listing
}

function describe(path, stat) {
  const owner = `${stat.mode.toString(8)} ${stat.uid}:${stat.gid}`
  // Writing to a terminal dates its node; the node itself is not changed by that.
  if (stat.isCharacterDevice() || stat.isBlockDevice()) return `${owner} device ${stat.rdev}`
  const times = `modified ${stat.mtimeNs} changed ${stat.ctimeNs}`
  if (stat.isSymbolicLink()) return `${owner} ${times} link to ${readlinkSync(path)}`
  if (stat.isFile())
    return `${owner} ${times} ${stat.size} bytes ${digestOf(path, `${stat.dev} ${stat.ino} ${times} ${stat.size}`)}`
  return `${owner} ${times}`
}

const digests = new Map()

// Hashing is slow here. Bytes cannot change without the change time, which nothing can set.
function digestOf(path, version) {
  const digest = digests.get(version) ?? createHash('sha256').update(readFileSync(path)).digest('hex')
  digests.set(version, digest)
  return digest
}

// Read without the kit's helper process: no device is held in these scenarios, so the read cannot hang.
function driverOverride(address) {
  return readFileSync(`/sys/bus/pci/devices/${address}/driver_override`, 'utf8')
}

function kernelModules() {
  return readFileSync('/proc/modules', 'utf8')
    .split('\n')
    .flatMap((line) => {
      const [name = '', size] = line.split(' ')
      return name === '' ? [] : [[name, size]]
    })
}
