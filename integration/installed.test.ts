import { access, chmod, copyFile, cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { packPackages } from '../scripts/packed-packages.js'
import { type Clients, prepareClients, yarnSettings } from '../scripts/registry/clients.js'
import { type Registry, startRegistry } from '../scripts/registry/registry.js'
import type { RunResult } from '../scripts/registry/run.js'
import { repository } from '../scripts/workspace.js'
import { walk, walkSteps } from './walk.js'

/** One JSON document of the CLI, as far as these tests look. */
interface Document<Data> {
  readonly ok: boolean
  readonly data: Data
  readonly diagnostics: readonly { readonly code: string; readonly message: string }[]
}

interface Row {
  readonly id: string
  readonly status: string
  readonly version: string
  readonly source: string
}

// Installing is the registry's pace; every program has a deadline of its own.
vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 })

/** By what their manifests say: what is published must be found, whatever it is. */
const OWN_MODULES = (
  await Promise.all(
    ['modules-gpu', 'modules-cpu', 'agent'].map((name) =>
      readFile(join(repository, 'packages', name, 'package.json'), 'utf8'),
    ),
  )
)
  .flatMap((text) => (JSON.parse(text) as { janus: { modules: { id: string }[] } }).janus.modules.map(({ id }) => id))
  .toSorted()
const SNAPSHOT = join(repository, 'examples/snapshots/lab.snapshot.json')
const STRANGER = 'janus-module-example-ts'
const TOOL = 'janus-example-csv-columns'

let base = ''
let registry: Registry
let clients: Clients

beforeAll(async () => {
  base = await mkdtemp(join(tmpdir(), 'janus-integration-'))
  registry = await startRegistry(join(base, 'registry'))
  clients = await prepareClients(base, registry.url)
  const packages = await packPackages(await clients.folder('packed'))
  for (const { tarball } of packages) await clients.npm(base, 'publish', tarball)
})

afterAll(async () => {
  await registry?.close()
  await rm(base, { recursive: true, force: true })
})

describe('in an empty folder, with npx', () => {
  let empty = ''

  beforeAll(async () => {
    empty = await clients.folder('empty')
  })

  test('janus check gives findings of every module of ours', async () => {
    const { modules } = answer<{ modules: { module: string; findings: unknown[] }[] }>(
      await clients.npxJanus(empty, 'check', '--json'),
    )
    const answered = modules.filter(({ findings }) => findings.length > 0).map(({ module }) => module)
    expect(answered.toSorted()).toEqual(OWN_MODULES)
  })

  test('janus module list lists them, and janus --help its commands', async () => {
    const { modules } = answer<{ modules: Row[] }>(await clients.npxJanus(empty, 'module', 'list', '--json'))
    expect(modules.map(({ id, status }) => `${id} ${status}`).toSorted()).toEqual(
      OWN_MODULES.map((id) => `${id} enabled`),
    )
    const help = await clients.npxJanus(empty, '--help')
    expect(help).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('janus') })
    expect(await readdir(empty)).toEqual([])
  })
})

describe('a module in TypeScript, made by npm create', () => {
  let module = ''

  beforeAll(async () => {
    const parent = await clients.folder('authors')
    await clients.npm(parent, 'create', '--yes', '@janus/module', 'example-ts', '--', '--type', 'host', '--yes')
    module = join(parent, 'example-ts')
  })

  test('is the committed snapshot', async () => {
    await expectSameFiles(module, join(repository, 'packages/create-module/snapshots/ts'))
  })

  test('builds, passes its type check and its conformance test, and is published', async () => {
    await clients.npm(module, 'install')
    await clients.npm(module, 'run', 'build')
    await clients.npm(module, 'run', 'typecheck')
    const { stdout } = await clients.npm(module, 'test')
    expect(stdout).toMatch(/^# fail 0$/m)
    expect(Number(/^# pass (\d+)$/m.exec(stdout)?.[1])).toBeGreaterThan(10)
    expectConformance(await clients.run(module, 'node_modules/.bin/janus', 'module', 'test', '.'))
    const checked = await clients.run(module, 'node_modules/.bin/janus', 'check', 'example-ts', '--module', '.')
    expect(checked).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('example-ts') })
    // It is built: no need to build it again before it is packed.
    await clients.npm(module, 'publish', '--ignore-scripts')
  })
})

describe('a module in bash, made by npm create', () => {
  let module = ''

  beforeAll(async () => {
    const parent = await clients.folder('authors')
    const choice = ['--kind', 'bash', '--type', 'cpu', '--yes']
    await clients.npm(parent, 'create', '--yes', '@janus/module', 'example-bash', '--', ...choice)
    module = join(parent, 'example-bash')
  })

  test('is the committed snapshot', async () => {
    await expectSameFiles(module, join(repository, 'packages/create-module/snapshots/bash'))
  })

  test('passes its conformance test, and is published', async () => {
    await clients.npm(module, 'install')
    expectConformance(await clients.npm(module, 'test'))
    await clients.npm(module, 'publish')
  })
})

describe('the walks of the page for authors, from an empty folder', () => {
  test.each(['A module in TypeScript', 'The same in bash'])(
    '%s: each command does what the page says',
    async (title) => {
      const page = await readFile(join(repository, 'docs/writing-a-module.md'), 'utf8')
      const section = page.split(/^## /m).find((text) => text.startsWith(`${title}\n`)) ?? ''
      const steps = walkSteps(section)
      const folder = await clients.folder(`walk-${title.replaceAll(' ', '-')}`)
      const walked: string[] = []
      const env = { ...clients.env, HOME: await clients.folder('home-of-an-author') }
      await walk(steps, { folder, env }, ({ command }) => walked.push(command))
      for (const word of ['create', 'npm test', 'check', 'npm publish', 'add', 'plan', 'trust', 'remove']) {
        expect(
          walked.filter((command) => command.includes(word)),
          word,
        ).not.toEqual([])
      }
    },
    600_000,
  )

  test('a page that says something else is found out', async () => {
    const folder = await clients.folder('walk-astray')
    const go = async (...lines: readonly string[]): Promise<void> =>
      await walk(walkSteps(['```console', ...lines, '```', ''].join('\n')), { folder, env: clients.env })
    await go('$ mkdir a', '$ cd a', '$ printf "1\\n2\\n3\\n"', '1', '…', '3', '$ false', '$ echo $?', '1', '$ pwd', 'a')
    await expect(go('$ false')).rejects.toThrow('ended with 1')
    await expect(go('$ false', '$ echo $?', '0')).rejects.toThrow('did not print\n0')
    await expect(go('$ printf "1\\n2\\n3\\n"', '1', '3')).rejects.toThrow('did not print\n1\n3')
    await expect(go('$ printf "1\\n2\\n"', '2', '…', '1')).rejects.toThrow('did not print\n1')
  })
})

describe('modules of somebody else', () => {
  let project = ''
  const janus = async (...args: readonly string[]): Promise<RunResult> =>
    await clients.run(project, 'node_modules/.bin/janus', ...args)

  beforeAll(async () => {
    project = await clients.folder('with-npm', projectWith({ '@janus/cli': '0.1.0' }))
    await clients.npm(project, 'install')
  })

  test('are shown before they are added, and then kept in the sandbox, not trusted', async () => {
    const { preview } = answer<{ preview: Preview }>(await janus('module', 'add', STRANGER, '--dry-run', '--json'))
    expect(preview).toMatchObject({ name: STRANGER, version: '0.1.0', brings: { modules: [{ id: 'example-ts' }] } })
    expect(preview.integrity).toMatch(/^sha512-/)
    expect(rows(await janus('module', 'list', '--json'), STRANGER)).toEqual([])

    for (const name of [STRANGER, 'janus-module-example-bash']) {
      const { extension } = answer<{ extension: object }>(await janus('module', 'add', name, '--yes', '--json'))
      expect(extension).toMatchObject({ name, trusted: false })
    }
    const listed = rows(await janus('module', 'list', '--json'), 'janus-module-')
    expect(listed).toMatchObject([
      { id: 'example-bash', status: 'enabled', isolation: 'sandbox' },
      { id: 'example-ts', status: 'enabled', isolation: 'sandbox' },
    ])
  })

  test('check this machine, in TypeScript and in bash', async () => {
    const checked = await janus('check', 'example-ts', 'example-bash', '--json')
    const { modules } = answer<{ modules: { module: string; findings: { status: string }[] }[] }>(checked)
    expect(modules.map(({ module }) => module).toSorted()).toEqual(['example-bash', 'example-ts'])
    expect(modules.flatMap(({ findings }) => findings).length).toBeGreaterThanOrEqual(2)
  })

  test('plan their changes', async () => {
    const planned = await janus('plan', 'example-ts', '-o', 'mode=never', '--host', SNAPSHOT, '--json')
    expectPlan(answer<{ plan: Plan }>(planned).plan)
  })

  test('may propose what root runs only when they are trusted', async () => {
    const refused = await janus('plan', 'example-bash', '-o', 'value=10', '--json')
    expect(refused.exitCode).not.toBe(0)
    expect(refused.stdout).toContain('JANUS_MODULE_UNTRUSTED')
    expect(await janus('module', 'trust', 'example-bash', '--yes')).toMatchObject({ exitCode: 0 })
    const { plan } = answer<{ plan: Plan }>(await janus('plan', 'example-bash', '-o', 'value=10', '--json'))
    expect(plan.changes).toMatchObject([{ kind: 'run-command', opaque: true }])
  })

  test('a tool for the agent is published, added, and there once the configuration of the agent names it', async () => {
    const tool = await clients.folder('tool-of-a-stranger')
    await cp(join(repository, 'examples/tools/csv-columns'), tool, { recursive: true })
    await clients.npm(tool, 'publish')
    const added = await janus('module', 'add', TOOL, '--yes', '--json')
    expect(answer<{ extension: object }>(added).extension).toMatchObject({
      name: TOOL,
      trusted: false,
      brings: { modules: [], commands: [], tools: ['csv_columns'] },
    })
    const config = join(project, 'agent.yaml')
    const listed = async (tools: string): Promise<readonly { readonly name: string; readonly source: string }[]> => {
      await writeFile(config, `tools: [${tools}]\n`, { mode: 0o600 })
      const asked = await janus('agent', 'tools', 'list', '--config', config, '--json')
      return answer<{ tools: { name: string; source: string }[] }>(asked).tools
    }
    expect(await listed('{name: jq}')).toMatchObject([{ name: 'jq', source: 'built-in' }])
    expect(await listed(`{name: csv_columns, package: ${TOOL}}`)).toMatchObject([{ name: 'csv_columns', source: TOOL }])
    expect(await janus('module', 'remove', TOOL, '--yes')).toMatchObject({ exitCode: 0 })
    expect(await listed(`{name: csv_columns, package: ${TOOL}}`)).toEqual([])
  })

  test('are gone when they are removed', async () => {
    for (const name of ['example-ts', 'janus-module-example-bash']) {
      expect(await janus('module', 'remove', name, '--yes')).toMatchObject({ exitCode: 0 })
    }
    expect(rows(await janus('module', 'list', '--json'), 'janus-module-')).toEqual([])
  })

  test('named beside the CLI for one npx run, they plan without being added', async () => {
    const empty = await clients.folder('empty')
    const named = ['exec', '--yes', '--package', '@janus/cli', '--package', STRANGER, '--', 'janus']
    const args = [...named, 'plan', 'example-ts', '-o', 'mode=never', '--host', SNAPSHOT, '--json']
    expectPlan(answer<{ plan: Plan }>(await clients.run(empty, 'npm', ...args)).plan)
  })
})

describe('with pnpm', () => {
  let project = ''

  beforeAll(async () => {
    project = await clients.folder('with-pnpm', projectWith({ '@janus/cli': '0.1.0', [STRANGER]: '0.1.0' }))
    await clients.pnpm(project, 'install')
  })

  test('janus check and janus module list know every module of ours', async () => {
    const listed = await clients.run(project, 'node_modules/.bin/janus', 'module', 'list', '--json')
    expectOwnModules(listed)
    const checked = await clients.run(project, 'node_modules/.bin/janus', 'check', '--json', '--host', SNAPSHOT)
    expect(answer<{ modules: unknown[] }>(checked).modules.length).toBeGreaterThanOrEqual(OWN_MODULES.length)
  })

  test('a module of the project is available, and plans when it is named', async () => {
    const janus = async (...args: readonly string[]): Promise<RunResult> =>
      await clients.run(project, 'node_modules/.bin/janus', ...args)
    expect(rows(await janus('module', 'list', '--json'), STRANGER)).toMatchObject([{ status: 'available' }])
    const args = ['plan', 'example-ts', '-o', 'mode=never', '--module', STRANGER, '--host', SNAPSHOT, '--json']
    expectPlan(answer<{ plan: Plan }>(await janus(...args)).plan)
  })
})

describe("with Yarn Plug'n'Play", () => {
  let project = ''

  beforeAll(async () => {
    const wanted = { '@janus/cli': '0.1.0', '@janus/core': '0.1.0', [STRANGER]: '0.1.0', zod: '^4.0.0' }
    project = await clients.folder('with-yarn', projectWith(wanted))
    await yarnSettings(project, base, registry.url)
    await clients.yarn(project, 'install')
  })

  test('nothing is installed in folders', async () => {
    await access(join(project, '.pnp.cjs'))
    expect(await readdir(project)).not.toContain('node_modules')
  })

  test('yarn janus module list knows every module of ours', async () => {
    expectOwnModules(await clients.yarn(project, 'janus', 'module', 'list', '--json'))
  })

  test('a module of the project is available, and plans in the sandbox when it is named', async () => {
    const listed = await clients.yarn(project, 'janus', 'module', 'list', '--json')
    expect(rows(listed, STRANGER)).toMatchObject([{ id: 'example-ts', status: 'available', isolation: 'sandbox' }])
    const args = ['plan', 'example-ts', '-o', 'mode=never', '--module', STRANGER, '--host', SNAPSHOT, '--json']
    expectPlan(answer<{ plan: Plan }>(await clients.yarn(project, 'janus', ...args)).plan)
  })

  test('as root, an archive that somebody else could write is not trusted', async (context) => {
    if (process.getuid?.() !== 0) context.skip()
    const cache = join(base, 'yarn', 'cache')
    const archive = (await readdir(cache)).find((name) => name.startsWith(STRANGER)) ?? ''
    await chmod(join(cache, archive), 0o666)
    const args = ['plan', 'example-ts', '-o', 'mode=never', '--module', STRANGER, '--host', SNAPSHOT, '--json']
    const refused = await clients.runYarn(project, 'janus', ...args)
    await chmod(join(cache, archive), 0o644)
    expect(refused.stdout).toContain('JANUS_MODULE_PATH_UNSAFE')
    expect(refused.stdout).toContain(`chmod go-w ${join(cache, archive)}`)
  })

  test('a program changes a machine and undoes it: the hand runs without the loader', async () => {
    const machine = await clients.folder('with-yarn/machine/etc')
    await copyFile(new URL('write-and-undo.mjs', import.meta.url), join(project, 'write-and-undo.mjs'))
    const args = ['node', 'write-and-undo.mjs', join(machine, '..'), join(base, 'with-yarn-state')]
    const { stdout } = await clients.yarn(project, ...args)
    expect(JSON.parse(stdout)).toEqual({ applied: 'on\n', undone: null })
    expect(await readdir(machine)).toEqual([])
  })

  test('yarn janus module create writes a module', async () => {
    await clients.yarn(project, 'janus', 'module', 'create', 'fans', '--kind', 'bash', '--type', 'host')
    expect(await readdir(join(project, 'fans/modules/host'))).toEqual(['fans.sh'])
  })

  test('plain node says what to run instead of finding nothing', async () => {
    const janus = join(await clients.folder('with-npm'), 'node_modules/.bin/janus')
    const { stdout } = await clients.run(project, janus, 'module', 'list', '--json')
    expect(stdout).toContain('JANUS_PNP_UNSUPPORTED')
    expect(stdout).toContain('yarn janus')
  })
})

interface Preview {
  readonly name: string
  readonly integrity?: string
}

interface Plan {
  readonly module: { readonly id: string; readonly version: string }
  readonly changes: readonly { readonly kind: string; readonly path: string; readonly value: string }[]
}

/** The rows of modules whose package has a name that begins so, by id. */
function rows(listed: RunResult, source: string): readonly Row[] {
  const { modules } = answer<{ modules: Row[] }>(listed)
  const found = modules.filter((row) => row.source.startsWith(source))
  return found.toSorted((a, b) => (a.id < b.id ? -1 : 1))
}

function expectConformance({ exitCode, output }: RunResult): void {
  const [, passed, total] = /^Module API v1 conformance: (\d+)\/(\d+)$/m.exec(output) ?? []
  expect({ exitCode, passed }, output).toEqual({ exitCode: 0, passed: total })
  expect(Number(total)).toBeGreaterThan(20)
}

function expectPlan({ module, changes }: Plan): void {
  expect(module).toMatchObject({ id: 'example-ts', version: '0.1.0' })
  const path = '/sys/kernel/mm/transparent_hugepage/enabled'
  expect(changes).toMatchObject([{ kind: 'write-attribute', path, value: 'never' }])
}

function expectOwnModules(result: RunResult): void {
  const { modules } = answer<{ modules: Row[] }>(result)
  const ours = modules.filter(({ id }) => OWN_MODULES.includes(id)).map(({ id, status }) => `${id} ${status}`)
  expect(ours.toSorted(), result.output).toEqual(OWN_MODULES.map((id) => `${id} enabled`))
}

function projectWith(dependencies: Readonly<Record<string, string>>): object {
  return { name: 'somebody', private: true, dependencies }
}

/** The document that a command printed, whatever it says. */
function answer<Data>({ stdout, title, output }: RunResult): Data {
  try {
    return (JSON.parse(stdout) as Document<Data>).data
  } catch {
    throw new Error(`${title} printed no JSON document:\n${output}`)
  }
}

async function expectSameFiles(folder: string, snapshot: string): Promise<void> {
  expect(await filesIn(folder)).toEqual(await filesIn(snapshot))
}

async function filesIn(folder: string): Promise<Readonly<Record<string, string>>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  const texts = paths.toSorted().map(async (path) => [path.slice(folder.length), await readFile(path, 'utf8')] as const)
  return Object.fromEntries(await Promise.all(texts))
}
