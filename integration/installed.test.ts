import { access, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { repository } from '../scripts/workspace.js'
import { packPackages } from '../test/packed-packages.js'
import { type Clients, prepareClients, yarnSettings } from './clients.js'
import { type Registry, startRegistry } from './registry.js'
import type { RunResult } from './run.js'

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

const OWN_MODULES = ['cpu-hugepages', 'cpu-virtualization', 'gpu-iommu', 'gpu-vfio', 'host-tools']
const SNAPSHOT = join(repository, 'examples/snapshots/lab.snapshot.json')
const STRANGER = 'janus-module-example-ts'

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

  test('answers meta and check, and is published', async () => {
    const program = join(module, 'modules/cpu/example-bash.sh')
    expect((await clients.run(module, 'bash', program, 'meta')).stdout).toContain('id=example-bash\n')
    expect((await clients.run(module, 'bash', program, 'check')).exitCode).toBe(0)
    await clients.npm(module, 'publish')
  })
})

describe('a module of somebody else', () => {
  let project = ''

  beforeAll(async () => {
    project = await clients.folder('with-npm', projectWith({ '@janus/cli': '0.1.0' }))
    await clients.npm(project, 'install')
  })

  test('is added to the extensions of a user, listed, planned in the sandbox, and removed', async () => {
    const { preview, added, rows, plan, left } = await sdk<{
      preview: { name: string; version: string; integrity: string; brings: { modules: { id: string }[] } }
      added: { trusted: boolean }
      rows: Row[]
      plan: Plan
      left: unknown[]
    }>(
      project,
      `
      const janus = createJanus({ sources: [{ kind: 'extensions' }], host: await openHost('${SNAPSHOT}') })
      const preview = await janus.extensions.preview('${STRANGER}')
      const added = await janus.extensions.add(preview)
      const rows = await janus.modules()
      const plan = await janus.plan('example-ts', { mode: 'never' })
      await janus.extensions.remove('${STRANGER}')
      const left = await janus.extensions.list()
      await janus.close()
      return { preview, added, rows, plan, left }`,
    )
    expect(preview).toMatchObject({ name: STRANGER, version: '0.1.0', brings: { modules: [{ id: 'example-ts' }] } })
    expect(preview.integrity).toMatch(/^sha512-/)
    expect(added.trusted).toBe(false)
    expect(rows).toMatchObject([{ id: 'example-ts', status: 'enabled', version: '0.1.0' }])
    expectPlan(plan)
    expect(left).toEqual([])
  })

  test('named beside the CLI for one npx run, it plans on a captured machine', async () => {
    const empty = await clients.folder('empty')
    const janus = ['exec', '--yes', '--package', '@janus/cli', '--package', STRANGER, '--', 'janus']
    const args = [...janus, 'plan', 'example-ts', '-o', 'mode=never', '--host', SNAPSHOT, '--json']
    const { plan } = answer<{ plan: Plan }>(await clients.run(empty, 'npm', ...args))
    expectPlan(plan)
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

  test('yarn janus plans with a module of the project', async () => {
    const args = ['plan', 'example-ts', '-o', 'mode=never', '--module', STRANGER, '--host', SNAPSHOT, '--json']
    expectPlan(answer<{ plan: Plan }>(await clients.yarn(project, 'janus', ...args)).plan)
  })

  test('plain node says what to run instead of finding nothing', async () => {
    const rows = await sdk<Row[]>(
      await clients.folder('with-npm'),
      `
      const janus = createJanus({ sources: [{ kind: 'project', directory: '${project}' }] })
      return await janus.modules()`,
    )
    expect(rows).toMatchObject([{ status: 'failed', diagnostics: [{ code: 'JANUS_PNP_UNSUPPORTED' }] }])
    expect(JSON.stringify(rows)).toContain('yarn janus')
  })
})

/** What a program says that uses the SDK as it is installed in a project. */
async function sdk<Answer>(project: string, body: string): Promise<Answer> {
  const program = `import { createJanus, openHost } from '@janus/core'
    const answer = await (async () => {${body}
    })()
    process.stdout.write(JSON.stringify(answer))`
  const { stdout, output } = await clients.run(project, process.execPath, '--input-type=module', '-e', program)
  try {
    return JSON.parse(stdout) as Answer
  } catch {
    throw new Error(`the program printed no answer:\n${output}`)
  }
}

interface Plan {
  readonly module: { readonly id: string; readonly version: string }
  readonly changes: readonly { readonly kind: string; readonly path: string; readonly value: string }[]
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
