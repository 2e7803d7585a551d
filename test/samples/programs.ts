import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { runProgram, tool } from '../../scripts/run-program.js'
import { repository } from '../../scripts/workspace.js'

/** A program of a page. */
export interface PageProgram {
  readonly place: string
  readonly page: string
  readonly language: 'js' | 'ts'
  readonly text: string
}

/** What the prose of a page says is there already where its samples begin. */
const SURROUNDINGS: Readonly<Record<string, string>> = {
  'docs/agent/embedding.md': `
    declare const agent: import('@janus/agent').LocalAgent
    declare const proposal: string`,
  'docs/boot.md': `
    declare const host: import('@janus/core').Host
    declare const query: import('@janus/core').Query`,
  'docs/testing-a-module.md': `
    declare const fixture: import('@janus/core/testing').LifeCycleFixture
    declare function createSshExecutor(name: string): import('@janus/core').Executor
    declare function createSink(): import('@janus/core').Logger
    declare function readBack(): never
    declare function hostThatShows(tree: unknown): Promise<import('@janus/core').Host>`,
}
/** Files of the reader's own that a sample imports. */
const OWN_FILES = {
  'module.d.ts': "declare const module: import('@janus/core').JanusModule\nexport default module\n",
  'conformance-fixtures.d.ts': 'declare const fixtures: any\nexport default fixtures\n',
}

/** Checks the types of programs of pages against the sources of our packages, all at once. */
export async function typeFaults(programs: readonly PageProgram[]): Promise<readonly string[]> {
  const folder = await mkdtemp(join(repository, 'node_modules/.janus-samples-'))
  try {
    for (const [at, program] of programs.entries()) await writeSample(join(folder, `${at}`), program)
    const settings = {
      extends: '../../tsconfig.json',
      compilerOptions: {
        allowJs: true,
        checkJs: true,
        noEmit: true,
      },
      include: ['**/*'],
    }
    await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(settings))
    const { exitCode, output } = await runProgram(tool('tsc'), ['-p', folder, '--pretty', 'false'])
    if (exitCode === 0) return []
    const errors = output.split('\n').filter((line) => line.includes(': error TS'))
    return errors.length === 0 ? [output] : errors.map((line) => told(line, programs))
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function writeSample(folder: string, { page, language, text }: PageProgram): Promise<void> {
  await mkdir(folder)
  // A declaration is global in a file without imports, so that the sample itself stays as it is.
  await writeFile(join(folder, 'surroundings.d.ts'), SURROUNDINGS[page] ?? '')
  for (const [name, own] of Object.entries(OWN_FILES)) await writeFile(join(folder, name), own)
  await writeFile(join(folder, `sample.${language === 'ts' ? 'mts' : 'mjs'}`), text)
}

/** The line of the compiler, with the place in the page. */
function told(line: string, programs: readonly PageProgram[]): string {
  const [, index, row] = /\.janus-samples-\w+\/(\d+)\/\S+\((\d+),/.exec(line) ?? []
  const program = index === undefined ? undefined : programs[Number(index)]
  return program === undefined ? line : `${program.place}, line ${row}: ${line.replace(/^.*?: error /, '')}`
}
