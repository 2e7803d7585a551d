import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { comparable } from '../scripts/console-blocks.js'
import { fencedBlocks, missingPart, shownCommands } from '../scripts/fenced-blocks.js'
import { type RunResult, run } from '../scripts/registry/run.js'

/** What a reader of a page does, in its order: a command, or a file that is written. */
export type WalkStep =
  | { readonly kind: 'command'; readonly command: string; readonly expected: string }
  | { readonly kind: 'file'; readonly path: string; readonly text: string }

/** What came of a command. */
export interface WalkedCommand extends Pick<RunResult, 'exitCode' | 'output'> {
  readonly command: string
}

const DEADLINE = 280

/**
 * The steps that a page describes: in `console` blocks each line that begins with `$ ` is a command, and
 * what follows it is printed; a block that names a file is its content.
 */
export function walkSteps(markdown: string): readonly WalkStep[] {
  return fencedBlocks(markdown).flatMap(({ language, words: [path], text }): readonly WalkStep[] => {
    if (path !== undefined) return [{ kind: 'file', path, text }]
    if (language !== 'console') return []
    return shownCommands(text).map(({ command, shown }) => ({ kind: 'command', command, expected: shown }))
  })
}

/**
 * Goes these steps in a folder, with what a page says of each: a command ends with 0 unless `echo $?` follows it.
 * @param report called after each command
 * @throws Error at the first command that ends or prints otherwise
 */
export async function walk(
  steps: readonly WalkStep[],
  { folder, env }: { readonly folder: string; readonly env: Readonly<Record<string, string | undefined>> },
  report: (walked: WalkedCommand) => void = () => {},
): Promise<void> {
  let cwd = folder
  let exitCode = 0
  for (const [index, step] of steps.entries()) {
    if (step.kind === 'file') {
      await mkdir(dirname(join(cwd, step.path)), { recursive: true })
      await writeFile(join(cwd, step.path), step.text)
      continue
    }
    const { command, expected } = step
    const next = steps[index + 1]
    if (command.startsWith('cd ')) {
      cwd = resolve(cwd, command.slice(3))
      continue
    }
    const asks = command === 'echo $?'
    const walked = asks
      ? { title: command, exitCode: 0, output: `${exitCode}\n` }
      : await run('bash', ['-c', command], { cwd, env, deadline: DEADLINE })
    report({ ...walked, command })
    exitCode = walked.exitCode
    const mayFail = next?.kind === 'command' && next.command === 'echo $?'
    const missing = missingPart(comparable(walked.output.replaceAll(`${folder}/`, '')), comparable(expected))
    if ((exitCode === 0 || mayFail) && missing === undefined) continue
    const why = missing === undefined ? `ended with ${exitCode}` : `did not print\n${missing}\n`
    throw new Error(`$ ${command}\n${why}\nIt printed:\n${walked.output}`)
  }
}
