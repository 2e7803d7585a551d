import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const run = promisify(execFile)

/**
 * Runs a program of Node in a process of its own, so that its memory is its own.
 * @param program text of an ES module; it prints JSON
 * @returns what it printed
 */
export async function inOwnProcess<Answer>(program: string, args: readonly string[]): Promise<Answer> {
  const { stdout } = await run(process.execPath, ['--expose-gc', '--input-type=module', '-e', program, ...args])
  return JSON.parse(stdout) as Answer
}

/** Of a built package, to be imported by such a program: what loads TypeScript would need memory too. @param path under `packages` */
export function builtModule(path: string): string {
  return JSON.stringify(fileURLToPath(new URL(`../../packages/${path}`, import.meta.url)))
}
