import { type BigIntStats, lstatSync, realpathSync } from 'node:fs'
import type { ResolvedBinary } from '../contract/warrant.js'
import { agentError } from '../errors/agent-error.js'
import { compareFields } from '../warrant/compare-warrant.js'
import { type DigestCache, measureProgram } from '../warrant/resolve-binary.js'

/** A program that was found to be the approved one. */
export interface PinnedProgram {
  /**
   * Looks at the file again, without waiting: to be called in the turn in which it is started, and once it has ended.
   * @throws JANUS_AGENT_STALE when it is not the one that was measured, or was touched since
   */
  requireSame(): void
}

/**
 * Finds that a program still is the one that was approved, by its content. What is started is named by its path: a file that is put there between the last look and
 * execve(2) would be started. Whoever can do that is found out by the look afterwards, since the kernel notes every rename, link and write of a file in its time of change,
 * which nobody sets. What remains: directories above it that are exchanged and put back, its libraries, and the interpreter that a script names.
 * @param digests spares reading a file again that has not been touched since it was read
 * @throws JANUS_AGENT_STALE
 */
export async function pinProgram(approved: ResolvedBinary, digests: DigestCache): Promise<PinnedProgram> {
  const { path } = approved
  const { binary, changed } = await measureProgram(path, digests)
  const fields = compareFields(approved, binary, 'binary').map(({ field }) => field)
  if (fields.length > 0) throw replaced(path, fields.join(', '))
  return {
    requireSame: () => {
      const found = look(path)
      if (found === undefined) throw replaced(path, 'it is gone')
      const { dev, ino, size, mtimeNs, ctimeNs } = found
      const same =
        Number(dev) === binary.device &&
        Number(ino) === binary.inode &&
        Number(size) === binary.size &&
        mtimeNs.toString() === binary.modified &&
        ctimeNs === changed
      if (!same) throw replaced(path, 'it was touched')
    },
  }
}

function look(path: string): BigIntStats | undefined {
  try {
    return realpathSync(path) === path ? lstatSync(path, { bigint: true }) : undefined
  } catch {
    return undefined
  }
}

function replaced(path: string, problem: string): Error {
  return agentError('JANUS_AGENT_STALE', `the program ${path} is not the one that was approved: ${problem}`, {
    data: { path },
  })
}
