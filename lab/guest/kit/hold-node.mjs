import { fileURLToPath } from 'node:url'
import { start } from './run.mjs'
import { waitFor } from './wait-for.mjs'

const program = fileURLToPath(new URL('hold-node.pl', import.meta.url))

/**
 * Holds a character device open that has no driver here, by a descriptor that only names it (O_PATH): what /proc shows of
 * it is what it shows of any other. With `namespace` the node is made and held in a mount namespace of the process's own,
 * where nobody else sees it; with `path` a node that is there is held, by an ordinary descriptor.
 * @returns `{ pid, isAlive(), release() }`
 */
export async function holdNode(major, minor, { namespace = false, path } = {}) {
  let said = ''
  const args = path === undefined ? [program, major, minor, namespace ? 'namespace' : 'host'] : [program, path]
  const holder = start('perl', args, {
    timeoutMs: 600_000,
    onStdout: (text) => {
      said += text
    },
  })
  await waitFor(() => said.includes('\n'), { timeoutMs: 60_000 })
  if (said.trim() !== 'held') throw new Error(`the node is not held: ${said.trim() || 'silent'}`)
  let ended = false
  void holder.ended.then(() => {
    ended = true
  })
  return {
    pid: holder.pid,
    isAlive: () => !ended,
    release: () => {
      holder.stdin.end()
      return holder.ended
    },
  }
}
