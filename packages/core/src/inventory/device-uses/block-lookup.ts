import type { Host } from '../../contract/host.js'
import type { BlockDevice } from './block-devices.js'

/** Links followed from a path in /dev to the node it names. */
const MOST_HOPS = 8

/** Finds the block device that a table of the host means by `/dev/…`, `UUID=…`, `LABEL=…`, or a device number. */
export interface BlockLookup {
  byNumber(number: string): BlockDevice | undefined
  bySource(source: string): Promise<BlockDevice | undefined>
}

/** udev properties that the tags of fstab(5) and the directories of /dev/disk stand for. */
const PROPERTIES: Readonly<Record<string, readonly string[]>> = {
  uuid: ['ID_FS_UUID_ENC', 'ID_FS_UUID'],
  label: ['ID_FS_LABEL_ENC', 'ID_FS_LABEL'],
  partuuid: ['ID_PART_ENTRY_UUID'],
  partlabel: ['ID_PART_ENTRY_NAME'],
}

/** Makes a lookup over these block devices. */
export function createBlockLookup(host: Host, devices: ReadonlyMap<string, BlockDevice>): BlockLookup {
  const numbers = new Map<string, BlockDevice>()
  const mappings = new Map<string, BlockDevice>()
  for (const device of devices.values()) {
    if (device.number !== undefined) numbers.set(device.number, device)
    if (device.mapping !== undefined) mappings.set(device.mapping.name, device)
  }

  function byNode(path: string): BlockDevice | undefined {
    const name = path.startsWith('/dev/') ? path.slice('/dev/'.length) : ''
    if (name.startsWith('mapper/')) return mappings.get(name.slice('mapper/'.length))
    return devices.get(name.replaceAll('/', '!')) ?? mappings.get(volumeName(name))
  }

  function byTag(tag: string, value: string): BlockDevice | undefined {
    const properties = PROPERTIES[tag.toLowerCase()] ?? []
    const wanted = value.toLowerCase()
    const matching = [...devices.values()].filter(({ udev }) =>
      properties.some((property) => unescapeHex(udev.get(property) ?? '').toLowerCase() === wanted),
    )
    // A mirror's members carry the UUID of the whole: what lies on top of the others is the one that is meant.
    return matching.at(-1)
  }

  async function byPath(path: string): Promise<BlockDevice | undefined> {
    const [, directory, value] = /^\/dev\/disk\/by-([a-z]+)\/(.+)$/.exec(path) ?? []
    const tagged = directory === undefined ? undefined : byTag(directory, unescapeHex(value ?? ''))
    let node = path
    for (let hop = 0; hop < MOST_HOPS; hop++) {
      const found = byNode(node)
      if (found !== undefined) return found
      const target = (await host.readLink(node)).value
      if (target === undefined) break
      node = target
    }
    return tagged
  }

  return {
    byNumber: (number) => numbers.get(number),
    async bySource(source) {
      if (source.startsWith('/dev/')) return byPath(source)
      const [, tag, value] = /^([A-Za-z]+)=(.+)$/.exec(source) ?? []
      if (tag === undefined || value === undefined) return undefined
      return byTag(tag, value) ?? byPath(`/dev/disk/by-${tag.toLowerCase()}/${value}`)
    },
  }
}

// LVM names /dev/group/volume in the device mapper as group-volume, with dashes within the names doubled.
function volumeName(name: string): string {
  return name
    .split('/')
    .map((part) => part.replaceAll('-', '--'))
    .join('-')
}

// udev writes unusual characters of labels as \x20.
function unescapeHex(text: string): string {
  return text.replace(/\\x([0-9a-f]{2})/gi, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)))
}
