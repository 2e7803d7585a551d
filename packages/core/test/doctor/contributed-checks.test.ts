import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { ModuleSource } from '../../src/contract/janus.js'
import { listContributedChecks, runContributedChecks } from '../../src/doctor/contributed-checks.js'
import { createNullLogger } from '../../src/logging/combine-loggers.js'
import { folderOf, userIn } from '../modules/package-tree.js'

const EXTENSIONS = '.local/share/janus/extensions'
const REMARK = "{ severity: 'warning', code: 'JANUS_AGENT_STOPPED', summary: 'it stands still' }"

function machineWith(code: string) {
  const packageOf = (name: string) => ({
    name,
    version: '1.0.0',
    type: 'module',
    janus: { api: 1, modules: [], checks: [{ name, summary: 'Looks.', entry: './check.js' }] },
  })
  const home = folderOf({
    'cli/package.json': { name: 'cli', dependencies: { agent: '1' } },
    'cli/node_modules/agent/package.json': packageOf('agent'),
    'cli/node_modules/agent/check.js': code,
    [`${EXTENSIONS}/package.json`]: { private: true, dependencies: { fans: '1' } },
    [`${EXTENSIONS}/node_modules/fans/package.json`]: packageOf('fans'),
    [`${EXTENSIONS}/node_modules/fans/check.js`]: 'throw new Error("imported")',
  })
  const sources: readonly ModuleSource[] = [
    { kind: 'dependencies-of', packageJson: join(home, 'cli/package.json') },
    { kind: 'extensions' },
  ]
  return { sources, user: userIn(home), stateDirectory: join(home, 'state'), uid: 0, log: createNullLogger() }
}

describe('checks that packages add to the doctor', () => {
  it('are listed from manifests', () => {
    const { sources, user } = machineWith('')
    expect(listContributedChecks(sources, user).map(({ name }) => name)).toEqual(['agent', 'fans'])
  })

  it('say what they found; that of a package nobody trusts is not even imported, and that is said', async () => {
    const found = await runContributedChecks(machineWith(`export const check = async () => [${REMARK}]`))
    expect(found).toMatchObject([
      { severity: 'warning', code: 'JANUS_AGENT_STOPPED', summary: 'it stands still' },
      { severity: 'warning', code: 'JANUS_MODULE_UNTRUSTED', path: 'check fans of fans' },
    ])
  })

  it('are given the state directory and a signal', async () => {
    const code = `export const check = async ({ stateDirectory, signal }) =>
      [{ severity: 'info', code: 'JANUS_X', summary: stateDirectory + ' ' + signal.aborted }]`
    const machine = machineWith(code)
    expect((await runContributedChecks(machine))[0]).toMatchObject({ summary: `${machine.stateDirectory} false` })
  })

  it.each([
    ['throws', 'export const check = () => { throw new Error("no") }', 'JANUS_INTERNAL'],
    ['is none', 'export const look = 1', 'JANUS_MODULE_SHAPE_INVALID'],
    ['cannot be imported', 'export const', 'JANUS_MODULE_IMPORT_FAILED'],
    ['answers something else', 'export const check = async () => [{ summary: 7 }]', 'JANUS_MODULE_CRASHED'],
    ['never answers', 'export const check = () => new Promise(() => {})', 'JANUS_MODULE_TIMEOUT'],
  ])('are a remark themselves when one %s', async (_, code, expected) => {
    const [first] = await runContributedChecks({ ...machineWith(code), deadline: 200 })
    expect(first).toMatchObject({ severity: 'warning', code: expected, path: 'check agent of agent' })
  })
})
