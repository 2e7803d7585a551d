import { janusError } from '../errors/janus-error.js'
import type { Sandbox } from '../sandbox/index.js'
import { SANDBOX_HOME } from '../sandbox/sandbox-arguments.js'
import { MOST_OUTPUT, type ProgramRunner } from './program-runner.js'

const MEBIBYTE = 1024 * 1024
/** bash keeps a long here-document in a file; nothing of it outlives the run. */
const TEMPORARY = 16 * MEBIBYTE
const MEMORY = 256 * MEBIBYTE

/**
 * Runs programs in the sandbox of this machine: without network and privileges, nothing writable but memory that ends
 * with them. A program that looks at the machine is shown it as it is, read-only.
 */
export function createSandboxRunner(sandbox: Sandbox): ProgramRunner {
  return {
    isolation: 'sandbox',
    async run({ command, args, env, reads, looksAtMachine, timeout, signal }) {
      const result = await sandbox.run({
        command,
        args,
        env: { ...env, HOME: SANDBOX_HOME, TMPDIR: '/tmp' },
        cwd: '/',
        readOnly: reads.map((source) => ({ source })),
        machine: looksAtMachine,
        limits: { wall: timeout, output: MOST_OUTPUT, memory: MEMORY, temporary: TEMPORARY },
        ...(signal === undefined ? {} : { signal }),
      })
      if (result.cancelled) throw janusError('JANUS_EXECUTOR_CANCELLED', `${JSON.stringify(command)} was cancelled`)
      return result
    },
  }
}
