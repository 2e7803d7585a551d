import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  createSandboxRunner,
  createSubprocessRunner,
  moduleOfProgram,
  scanModuleTree,
} from '../../src/command-modules/index.js'
import type { RunCommand } from '../../src/contract/change.js'
import type { RunnableModule } from '../../src/contract/runnable-module.js'
import { createLocalExecutor } from '../../src/executor/index.js'
import type { DiscoveredModule } from '../../src/modules/discovered-module.js'
import { readPackageFile } from '../../src/modules/package-file.js'
import { modulesOfPackage } from '../../src/modules/read-manifest.js'
import { createSandbox } from '../../src/sandbox/index.js'
import { createRun, LIBRARY, moduleFrom } from './module-tree.js'

const examples = fileURLToPath(new URL('../../../../examples', import.meta.url))
const runners = { sandbox: createSandboxRunner(createSandbox()), subprocess: createSubprocessRunner() }

const subjects = [
  ['host-swappiness', { value: 5 }, 'vm.swappiness = 5', { value: 'x' }, 'value must be a number'],
  ['cpu-governor', { governor: 'schedutil' }, '- - - - schedutil', { governor: '$(id)' }, 'governor must be a word'],
] as const

describe.each(subjects)('the example %s', (id, options, written, wrong, complaint) => {
  let folder: string
  let file: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'janus-example-'))
    file = join(folder, 'setting.conf')
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  const load = async (settings: Parameters<typeof moduleFrom>[1] = {}): Promise<RunnableModule> =>
    moduleFrom(await foundExample(id), settings)
  const change = async (action: 'apply' | 'rollback', given: object, settings = {}): Promise<RunCommand> =>
    (await (await load(settings))[action](createRun(), { file, ...given })).changes[0] as RunCommand

  it.each(['sandbox', 'subprocess'] as const)('is checked in %s isolation', async (isolation) => {
    const findings = await (await load({ runner: runners[isolation] })).check(createRun())
    expect(findings[0]).toMatchObject({ id: 'check', status: 'ok' })
  })

  it.each(['source', 'subshell'] as const)('is applied twice and rolled back twice in exec mode %s', async (mode) => {
    const [apply, rollback] = [await change('apply', options, { mode }), await change('rollback', options, { mode })]
    expect(await exitCodes(apply, apply)).toEqual([0, 0])
    expect(readFileSync(file, 'utf8')).toContain(written)
    expect(await exitCodes(rollback, rollback)).toEqual([0, 0])
    expect(existsSync(file)).toBe(false)
  })

  it('leaves what belongs to somebody else, and refuses options that make no sense', async () => {
    writeFileSync(file, 'somebody else wrote this\n')
    expect(await exitCodes(await change('apply', options), await change('rollback', options))).toEqual([1, 0])
    expect(readFileSync(file, 'utf8')).toBe('somebody else wrote this\n')
    const { command, args, env = {} } = await change('apply', { ...wrong, file: join(folder, 'other') })
    const { exitCode, stdout, stderr } = await createLocalExecutor().run(command, args, { env })
    expect(exitCode).toBe(1)
    expect(stdout + stderr).toContain(complaint)
    expect(existsSync(join(folder, 'other'))).toBe(false)
  })
})

it('the logging library among the examples is the one that core ships', () => {
  expect(readFileSync(join(examples, 'lib/janus-log.sh'), 'utf8')).toBe(readFileSync(LIBRARY, 'utf8'))
})

it('a program that is named by itself says its type and version when it is loaded', async () => {
  const found = await moduleOfProgram(join(examples, 'modules/cpu-governor/cpu_governor.py'))
  expect(found).toMatchObject({ id: 'cpu-governor', type: 'unknown', version: 'unknown', diagnostics: [] })
  const module = await moduleFrom(found, { runner: runners.sandbox })
  expect(module.metadata).toMatchObject({ id: 'cpu-governor', type: 'cpu', version: '0.1.0' })
})

it('a bash module that is named by itself belongs to the tree it lies in', async () => {
  const [inTree] = await scanModuleTree(examples)
  expect(await moduleOfProgram(join(examples, 'modules/host/swappiness.sh'))).toEqual(inTree)
})

async function foundExample(id: string): Promise<DiscoveredModule> {
  const inTree = await scanModuleTree(examples)
  const file = await readPackageFile(join(examples, 'modules/cpu-governor'))
  const inPackage = file === undefined ? [] : modulesOfPackage(file)
  const found = [...inTree, ...inPackage].find((module) => module.id === id)
  if (found === undefined) throw new Error(`there is no example ${id}`)
  return found
}

async function exitCodes(...changes: readonly RunCommand[]): Promise<readonly (number | undefined)[]> {
  const codes: (number | undefined)[] = []
  for (const { command, args, env = {} } of changes) {
    codes.push((await createLocalExecutor().run(command, args, { env })).exitCode)
  }
  return codes
}
