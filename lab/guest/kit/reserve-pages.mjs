import { fileURLToPath } from 'node:url'
import { start } from './run.mjs'
import { waitFor } from './wait-for.mjs'

const program = fileURLToPath(new URL('reserve-pages.pl', import.meta.url))
const PAGE = 2 * 1024 * 1024

/**
 * Has a process map so many hugepages of 2 MiB and touch none, as a database does that fills them later: the kernel keeps
 * them for it, and counts them in `resv_hugepages`.
 * @returns what ends the process, and with it the reservation
 */
export async function reservePages(count) {
  let said = ''
  const holder = start('perl', [program, String(count * PAGE)], {
    timeoutMs: 600_000,
    onStdout: (text) => {
      said += text
    },
  })
  await waitFor(() => said.includes('\n'), { timeoutMs: 60_000 })
  if (said.trim() !== 'reserved') throw new Error(`no pages are reserved: ${said.trim() || 'silent'}`)
  return () => {
    holder.stdin.end()
    return holder.ended
  }
}
