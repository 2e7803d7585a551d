import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { frequencyTable } from './cpu-frequencies.js'
import { createDiskImage } from './disk-image.js'
import { obtainInitramfs, obtainRootArchive } from './initramfs.js'
import { type Kernel, obtainKernel } from './kernel.js'
import { obtainPackageLayer } from './package-layer.js'
import { type QemuEnd, runQemu } from './qemu.js'
import type { LabRecord } from './record.js'
import { escaped, kernelArguments, type MachineOptions, machineArguments } from './topology.js'

/** A raw image that the guest sees as a virtio disk; with a mount point it is mounted there before the program starts. */
export interface LabDisk {
  readonly image: string
  /** The guest's `/dev/disk/by-id`-like name: `/dev/janus/<name>` (at most 20 letters, digits and hyphens). */
  readonly name: string
  readonly mountAt?: string
  /** Instead: what the guest writes below this folder goes to the disk, and lies over the folder in later boots. */
  readonly layerAt?: string
}

export interface BootOptions {
  readonly machine?: MachineOptions
  /** An ES module on the host, run in the guest under the same path by the same node. */
  readonly program: string
  readonly args?: readonly string[]
  readonly environment?: Readonly<Record<string, string>>
  readonly disks?: readonly LabDisk[]
  /** The image behind the NVMe of the standard machine; without one an empty disk that is thrown away. */
  readonly nvmeImage?: string
  /**
   * Debian packages that the guest has beside those of the host, with what they need: unpacked as a layer over the host's
   * root, not installed (no maintainer script runs, the host does not change).
   */
  readonly layers?: readonly string[]
  /**
   * An initramfs to boot from instead of the lab's own, as the guest's initramfs-tools built it (see `readFromDisk`). It runs
   * as it is, up to the mounting of the root, which the lab does.
   */
  readonly initramfs?: string
  /** Process 1 is the host's systemd, and the program runs in a service of it; otherwise a shell that only waits. */
  readonly systemd?: boolean
  /** PCI drivers are loaded by modalias before the program starts, unless this is false. */
  readonly loadDrivers?: boolean
  readonly timeoutSeconds?: number
  /** A power cut: QEMU is killed as soon as this returns true for a record. */
  readonly killWhen?: (record: LabRecord) => boolean
  /** `stock` or a series such as `6.12`; default JANUS_LAB_KERNEL, else stock. */
  readonly kernel?: string
  readonly onRecord?: (record: LabRecord) => void
}

export interface BootOutcome {
  /** `exited`: the program ended; `cut`: `killWhen` said so; `deadline`; `died`: QEMU or the kernel ended by itself. */
  readonly end: QemuEnd
  readonly exitCode: number | null
  readonly results: readonly LabRecord[]
  readonly console: string
  readonly seconds: number
  readonly kernel: Kernel
}

/** Boots the machine, runs one program in it and ends it. Whatever happens in the guest is an outcome, not an exception. */
export async function bootLab(options: BootOptions): Promise<BootOutcome> {
  const kernel = await obtainKernel(options.kernel)
  const layer = await obtainPackageLayer(options.layers ?? [])
  const job = await mkdtemp(join(tmpdir(), 'janus-lab-'))
  try {
    await describeJob(job, kernel, layer, options)
    const initramfs = await chooseInitramfs(job, kernel, options.initramfs)
    const nvmeImage = options.nvmeImage ?? (await createDiskImage(join(job, 'nvme.img')))
    const tables = options.machine?.cpuFrequencies
      ? ['-acpitable', `file=${await frequencyTable(job, options.machine)}`]
      : []
    const args = [...qemuArguments(kernel, initramfs, job, nvmeImage, options), ...layerArguments(layer), ...tables]
    const { timeoutSeconds = 600, killWhen, onRecord } = options
    const outcome = await runQemu(args, {
      timeoutSeconds,
      ...(killWhen && { killWhen }),
      ...(onRecord && { onRecord }),
    })
    return { ...outcome, kernel }
  } finally {
    await rm(job, { recursive: true, force: true })
  }
}

async function chooseInitramfs(job: string, kernel: Kernel, real: string | undefined): Promise<string> {
  if (real === undefined) return obtainInitramfs(kernel)
  const [own, root] = [await readFile(real), await readFile(await obtainRootArchive(kernel))]
  const joined = join(job, 'initramfs')
  await writeFile(joined, Buffer.concat([own, Buffer.alloc((4 - (own.length % 4)) % 4), root]))
  return joined
}

/** Small files, because the first that reads them is a shell; the guest copies the folder to /run/janus-lab. */
async function describeJob(
  folder: string,
  kernel: Kernel,
  layer: string | undefined,
  options: BootOptions,
): Promise<void> {
  const job = {
    program: resolve(options.program),
    args: options.args ?? [],
    environment: options.environment ?? {},
    loadDrivers: options.loadDrivers ?? true,
    mounts: (options.disks ?? []).map(({ name, mountAt, layerAt }) => ({ name, mountAt, layerAt })),
  }
  await writeFile(join(folder, 'job.json'), JSON.stringify(job))
  await writeFile(join(folder, 'node'), process.execPath)
  await writeFile(join(folder, 'start'), fileURLToPath(new URL('../guest/start.mjs', import.meta.url)))
  await writeFile(join(folder, 'modules'), kernel.modules)
  await writeFile(join(folder, 'boot'), kernel.boot)
  if (layer !== undefined) await writeFile(join(folder, 'packages'), layer)
  if (options.systemd)
    await cp(fileURLToPath(new URL('../guest/systemd', import.meta.url)), join(folder, 'units'), { recursive: true })
}

/** A file system of its own, because an overlay refuses a lower layer that lies within another one. */
function layerArguments(layer: string | undefined): string[] {
  if (layer === undefined) return []
  return [
    ...[
      '-fsdev',
      `local,id=layer,path=${escaped(join(layer, 'root'))},security_model=none,readonly=on,multidevs=remap`,
    ],
    ...['-device', 'virtio-9p-pci,fsdev=layer,mount_tag=layer,bus=pcie.0,addr=0x1b'],
  ]
}

function qemuArguments(kernel: Kernel, initramfs: string, job: string, nvme: string, options: BootOptions): string[] {
  const machine = options.machine ?? {}
  const commandLine = ['console=ttyS0', 'panic=-1', 'quiet', `janus_lab=${job}`, ...kernelArguments(machine)]
  if (options.initramfs !== undefined) commandLine.push('boot=lab', 'init=/janus-lab-init')
  if (options.systemd) commandLine.push('systemd.unit=janus-lab.target', 'systemd.show_status=no')
  const disks = (options.disks ?? []).flatMap(({ image, name }, at) => [
    '-drive',
    `if=none,id=disk${at},file=${escaped(resolve(image))},format=raw,cache=writeback`,
    '-device',
    `virtio-blk-pci,bus=pcie.0,addr=0x1c.${at},multifunction=on,drive=disk${at},serial=${name}`,
  ])
  return [
    ...['-nodefaults', '-no-user-config', '-no-reboot', '-display', 'none', '-monitor', 'none', '-serial', 'stdio'],
    ...machineArguments(machine, nvme),
    ...disks,
    // Without remap, inodes of the host's several file systems collide and /proc in the guest shows another folder.
    ...['-fsdev', 'local,id=root,path=/,security_model=none,readonly=on,multidevs=remap'],
    ...['-device', 'virtio-9p-pci,fsdev=root,mount_tag=hostroot,bus=pcie.0,addr=0x1e'],
    ...['-chardev', 'socket,id=results,fd=3', '-device', 'virtio-serial-pci,bus=pcie.0,addr=0x1d'],
    ...['-device', 'virtserialport,chardev=results,name=janus.lab'],
    ...['-kernel', kernel.image, '-initrd', initramfs, '-append', commandLine.join(' ')],
  ]
}
