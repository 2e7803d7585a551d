import { fileURLToPath } from 'node:url'
import { device } from './devices.mjs'
import { start } from './run.mjs'
import { waitFor } from './wait-for.mjs'

const program = fileURLToPath(new URL('hold-vfio.pl', import.meta.url))

/**
 * Holds the VFIO descriptor of a device (or with `groupOnly` only that of its group), as a running VM does; while a device
 * is held, unbinding it blocks. Returns `{ state: 'held' | 'failed …', pid, release() }`.
 */
export async function holdVfioDevice(address, { groupOnly = false } = {}) {
  let said = ''
  const args = [program, device(address).group, ...(groupOnly ? [] : [address])]
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
