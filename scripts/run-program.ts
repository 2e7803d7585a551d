import { spawn } from 'node:child_process'
import { repository } from './workspace.js'

/** How a program ended, with both of its outputs in the order in which they came. */
export interface ProgramResult {
  readonly exitCode: number
  readonly stdout: string
  readonly output: string
}

/** How to run a program. */
export interface ProgramOptions {
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string | undefined>>
  /** Passes the output on while it comes, instead of keeping it. */
  readonly live?: boolean
}

/** Runs a program to its end, without standard input. A program that cannot be started is a result with exit code 127. */
export async function runProgram(
  command: string,
  args: readonly string[],
  { cwd = repository, env = process.env, live = false }: ProgramOptions = {},
): Promise<ProgramResult> {
  return await new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd,
      env,
      stdio: ['ignore', live ? 'inherit' : 'pipe', live ? 'inherit' : 'pipe'],
    })
    const stdout: Buffer[] = []
    const output: Buffer[] = []
    child.stdout?.on('data', (bytes: Buffer) => {
      stdout.push(bytes)
      output.push(bytes)
    })
    child.stderr?.on('data', (bytes: Buffer) => output.push(bytes))
    child.on('error', (error) => resolve({ exitCode: 127, stdout: '', output: `${error.message}\n` }))
    child.on('close', (code) => resolve({ exitCode: code ?? 128, stdout: text(stdout), output: text(output) }))
  })
}

/** Path of a program that one of the repository's development dependencies brings. */
export function tool(name: string): string {
  return `${repository}/node_modules/.bin/${name}`
}

function text(chunks: readonly Buffer[]): string {
  return Buffer.concat(chunks).toString('utf8')
}
