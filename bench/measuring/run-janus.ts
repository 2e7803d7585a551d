import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { repository } from '../../scripts/workspace.js'

/** The built command. */
export const LAUNCHER = join(repository, 'packages/cli/bin/janus.js')

/** Runs node with these arguments; output is read and dropped, as a pipe would. */
export async function runNode(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  cwd?: string,
): Promise<void> {
  const errors: Buffer[] = []
  const exitCode = await new Promise<number | null>((resolve, reject) => {
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'], env, cwd })
    child.stdout.resume()
    child.stderr.on('data', (bytes: Buffer) => errors.push(bytes))
    child.on('error', reject)
    child.on('close', resolve)
  })
  // 1 is an answer: critical findings.
  if (exitCode !== 0 && exitCode !== 1)
    throw new Error(`node ${args.join(' ')} ended with ${exitCode}:\n${Buffer.concat(errors)}`)
}

/** Runs the built command. */
export async function runJanus(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  cwd?: string,
): Promise<void> {
  await runNode([LAUNCHER, ...args], env, cwd)
}
