import { fileURLToPath } from 'node:url'
import { device } from './devices.mjs'
import { start } from './run.mjs'
import { waitFor } from './wait-for.mjs'

const program = fileURLToPath(new URL('hold-vfio.pl', import.meta.url))

/**
 * Holds the VFIO descriptor of a device (or with `groupOnly` only that of its group), as a running VM does; while a device
 * is held, unbinding it blocks. With `deviceOnly` the group is closed again, so that nothing in /proc names the device.
 * Returns `{ state: 'held' | 'failed …', pid, release() }`.
 */
export async function holdVfioDevice(address, { groupOnly = false, deviceOnly = false } = {}) {
  let said = ''
  const args = [program, device(address).group, ...(groupOnly ? [] : [address]), ...(deviceOnly ? ['alone'] : [])]
  const holder = start('perl', args, {
    timeoutMs: 600_000,
    onStdout: (text) => {
      said += text
    },
  })
  await waitFor(() => said.includes('\n'))
  return {
    state: said.trim() || 'silent',
    pid: holder.pid,
    release: () => {
      holder.stdin.end()
      return holder.ended
    },
  }
}
