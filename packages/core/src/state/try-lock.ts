import { spawn } from 'node:child_process'
import { access, constants } from 'node:fs/promises'
import { janusError } from '../errors/janus-error.js'

const PROGRAM_DIRECTORIES = ['/usr/sbin', '/usr/bin', '/sbin', '/bin']
const BUSY = 1

/**
 * Takes the kernel's exclusive lock (`flock(2)`) on an open file without waiting. The lock belongs to the open file
 * description, so it stays with this process when the program has ended, until the descriptor is closed or the
 * process is gone.
 * @param descriptor open file
 * @returns false when somebody else holds it
 * @throws JANUS_EXECUTOR_NOT_FOUND without util-linux; JANUS_EXECUTOR_SPAWN_FAILED when flock itself fails
 */
export async function tryLock(descriptor: number): Promise<boolean> {
  const program = await findFlock()
  const { code, stderr } = await runWithDescriptor(program, ['-n', '-x', '3'], descriptor)
  if (code === 0) return true
  if (code === BUSY && stderr === '') return false
  throw janusError('JANUS_EXECUTOR_SPAWN_FAILED', `${program} failed with ${code ?? 'a signal'}: ${stderr.trim()}`)
}

/** The directories are fixed: PATH belongs to whoever started us. */
async function findFlock(): Promise<string> {
  for (const directory of PROGRAM_DIRECTORIES) {
    const path = `${directory}/flock`
    try {
      await access(path, constants.X_OK)
      return path
    } catch {}
  }
  throw janusError('JANUS_EXECUTOR_NOT_FOUND', `flock is in none of ${PROGRAM_DIRECTORIES.join(', ')}`, {
    remedy: 'Install the package util-linux.',
  })
}

function runWithDescriptor(
  program: string,
  args: readonly string[],
  descriptor: number,
): Promise<{ readonly code: number | null; readonly stderr: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      stdio: ['ignore', 'ignore', 'pipe', descriptor],
      env: { LC_ALL: 'C' },
      cwd: '/',
    })
    let stderr = ''
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      stderr = (stderr + text).slice(0, 1000)
    })
    child.on('error', (cause) =>
      reject(janusError('JANUS_EXECUTOR_SPAWN_FAILED', `${program} could not be started`, { cause })),
    )
    child.on('close', (code) => resolve({ code, stderr }))
  })
}
