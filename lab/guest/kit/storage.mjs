import { mkdirSync, readdirSync } from 'node:fs'
import { run } from './run.mjs'
import { waitFor } from './wait-for.mjs'

/** The disk of an NVMe controller, for instance `/dev/nvme0n1`; undefined when it has none. */
export function nvmeDisk(address, options) {
  return waitFor(() => {
    const [controller] = list(`/sys/bus/pci/devices/${address}/nvme`)
    const disk = controller && list(`/sys/class/nvme/${controller}`).find((name) => /^nvme\d+n\d+$/.test(name))
    return disk && `/dev/${disk}`
  }, options)
}

export async function makeFileSystem(device) {
  await expectSuccess('mkfs.ext4', ['-q', '-F', device])
}

export async function mountDevice(device, folder) {
  mkdirSync(folder, { recursive: true })
  await expectSuccess('mount', [device, folder])
}

async function expectSuccess(command, args) {
  const { exitCode, stderr } = await run(command, args)
  if (exitCode !== 0) throw new Error(`${command} ${args.join(' ')}: ${stderr.trim()}`)
}

function list(folder) {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}
