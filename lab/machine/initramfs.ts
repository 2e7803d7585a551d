import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { promisify } from 'node:util'
import { gunzipSync, gzipSync } from 'node:zlib'
import { cached } from './cache-folder.js'
import { type CpioEntry, cpio } from './cpio.js'
import { hostLacks } from './host-lacks.js'
import type { Kernel } from './kernel.js'
import { moduleOrder } from './module-order.js'

const run = promisify(execFile)

/** Enough to reach the host's root; every other module is loaded in the guest from the kernel's own tree. */
const earlyModules = ['virtio_pci', 'virtio_console', '9pnet_virtio', '9p', 'overlay']

/** The initramfs for a kernel, from the cache if the same one was built before. */
export async function obtainInitramfs(kernel: Kernel): Promise<string> {
  return obtainArchive(kernel, '', [
    { name: 'bin/', mode: 0o755 },
    { name: 'bin/busybox', mode: 0o755, content: await readFile(await staticBusybox()) },
    { name: 'init', mode: 0o755, content: await guestScript('init.sh') },
    { name: 'supervise', mode: 0o755, content: await guestScript('supervise.sh') },
    { name: 'mount-root', mode: 0o644, content: await guestScript('mount-root.sh') },
  ])
}

/**
 * What a real initramfs lacks to reach the host's root, as one more archive to append to it: the kernel unpacks them one over
 * the other, and nothing of the initramfs is replaced. With `boot=lab` initramfs-tools takes the script that mounts the root.
 */
export async function obtainRootArchive(kernel: Kernel): Promise<string> {
  return obtainArchive(kernel, 'janus-lab/', [
    { name: 'janus-lab/', mode: 0o755 },
    { name: 'janus-lab/busybox', mode: 0o755, content: await readFile(await staticBusybox()) },
    { name: 'janus-lab/supervise', mode: 0o755, content: await guestScript('supervise.sh') },
    { name: 'janus-lab/mount-root', mode: 0o644, content: await guestScript('mount-root.sh') },
    { name: 'janus-lab/enter', mode: 0o644, content: await guestScript('real-initramfs/enter.sh') },
    { name: 'scripts/', mode: 0o755 },
    { name: 'scripts/lab', mode: 0o644, content: await guestScript('real-initramfs/boot-script.sh') },
  ])
}

/** Files and the early modules below `prefix`, packed once for the same content. */
async function obtainArchive(kernel: Kernel, prefix: string, given: readonly CpioEntry[]): Promise<string> {
  const files: CpioEntry[] = [...given, { name: `${prefix}modules/`, mode: 0o755 }]
  const order = await moduleOrder(kernel.modules, earlyModules)
  const names = order.map((file) => basename(file).replace(/\.ko\.\w+$/, '.ko'))
  files.push({ name: `${prefix}modules/order`, mode: 0o644, content: Buffer.from(`${names.join('\n')}\n`) })

  const identity = createHash('sha256').update(`${kernel.package} ${kernel.packageVersion} ${order.join(' ')}`)
  for (const file of files) identity.update(`\0${file.name}\0`).update(file.content ?? '')
  return cached(`initramfs/${kernel.release}-${identity.digest('hex').slice(0, 16)}.gz`, async (draft) => {
    const modules = await Promise.all(order.map((file) => decompressed(join(kernel.modules, file))))
    const members = modules.map((content, at) => ({ name: `${prefix}modules/${names[at]}`, mode: 0o644, content }))
    await writeFile(draft, gzipSync(cpio([...files, ...members]), { level: 6 }))
  })
}

function guestScript(name: string): Promise<Buffer> {
  return readFile(new URL(`../guest/${name}`, import.meta.url))
}

async function staticBusybox(): Promise<string> {
  const { stdout } = await run('sh', ['-c', 'command -v busybox']).catch(() => ({ stdout: '' }))
  if (stdout.trim() === '') throw hostLacks('busybox is missing: apt-get install busybox-static')
  const program = stdout.trim()
  // An interpreter in the ELF header means a dynamic busybox, which cannot start in an initramfs without its libraries.
  if ((await readFile(program)).subarray(0, 4096).includes('/ld-linux')) {
    throw new Error(`${program} is linked dynamically: apt-get install busybox-static`)
  }
  return program
}

async function decompressed(file: string): Promise<Buffer> {
  if (file.endsWith('.gz')) return gunzipSync(await readFile(file))
  if (!/\.(xz|zst)$/.test(file)) return readFile(file)
  const program = file.endsWith('.xz') ? 'xz' : 'zstd'
  const { stdout } = await run(program, ['-dc', file], { encoding: 'buffer', maxBuffer: 256 * 1024 * 1024 })
  return stdout
}
