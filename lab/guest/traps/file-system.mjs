import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { makeFileSystem, mountDevice, nvmeDisk, run, waitFor } from '../kit.mjs'

/** An ext4 file system on the disk of an NVMe controller, mounted; its scene of a trap. */
export async function mountedDisk(controller, { layered = false } = {}) {
  const disk = await nvmeDisk(controller)
  const layers = layered ? await layersOn(disk) : { top: disk, remove: async () => {} }
  const folder = '/run/janus-lab/mounted'
  await makeFileSystem(layers.top)
  await mountDevice(layers.top, folder)
  let writes = 0
  return {
    folder,
    disk,
    async harm() {
      writes += 1
      const { exitCode, timedOut, stderr } = await writeAndReadBack(`${folder}/proof-${writes}`, `written ${writes}`)
      const listed = (await run('findmnt', ['-n', folder])).exitCode === 0
      return [
        ...(exitCode === 0
          ? []
          : [`file system dead: ${timedOut ? 'a write hangs' : stderr.trim().split(': ').at(-1)}`]),
        ...(listed ? [] : ['not mounted any more']),
      ]
    },
    async close() {
      const { exitCode } = await run('umount', [folder], { timeoutMs: 20_000 })
      if (exitCode !== 0) await run('umount', ['-l', folder])
      await layers.remove()
    },
  }
}

/** A partition, and a device-mapper volume on it. */
async function layersOn(disk) {
  await run('wipefs', ['-a', disk])
  const sectors = Number((await run('blockdev', ['--getsz', disk])).stdout)
  writeFileSync(disk, partitionTable(2048, sectors - 2048))
  await run('blockdev', ['--rereadpt', disk])
  const partition = `${disk}p1`
  await waitFor(async () => (await run('blockdev', ['--getsz', partition])).exitCode === 0)
  await run('modprobe', ['dm_mod'])
  const table = `0 ${sectors - 2048} linear ${partition} 0`
  const created = await run('dmsetup', ['create', '--noudevsync', 'janus-trap', '--table', table])
  if (created.exitCode !== 0) throw new Error(`dmsetup: ${created.stderr}`)
  const volume = readdirSync('/sys/block').find((name) => text(`/sys/block/${name}/dm/name`) === 'janus-trap')
  return {
    // The kernel's own node: without udev there is no other.
    top: `/dev/${volume}`,
    remove: async () => {
      await run('dmsetup', ['remove', '--noudevsync', '--force', 'janus-trap'], { timeoutMs: 20_000 })
      await run('wipefs', ['-a', disk], { timeoutMs: 20_000 })
    },
  }
}

function text(path) {
  try {
    return readFileSync(path, 'utf8').trim()
  } catch {
    return undefined
  }
}

/** A DOS partition table with one Linux partition. */
function partitionTable(start, length) {
  const sector = Buffer.alloc(512)
  sector[450] = 0x83
  sector.writeUInt32LE(start, 454)
  sector.writeUInt32LE(length, 458)
  sector.writeUInt16LE(0xaa55, 510)
  return sector
}

// Past the page cache both ways: a dead disk still answers from memory.
const script = `
printf '%s\\n' "$2" >"$1" && sync "$1" && dd if="$1" iflag=direct bs=4096 status=none | grep -qxF "$2"
`

function writeAndReadBack(file, content) {
  return run('sh', ['-c', script, 'sh', file, content], { timeoutMs: 20_000 })
}
