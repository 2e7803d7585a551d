import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { runProgram, tool } from '../scripts/run-program.js'
import { readPackageJson, repository } from '../scripts/workspace.js'
import { repositoryFiles } from './repository-files.js'

interface Step {
  readonly uses?: string
  readonly run?: string
  readonly with?: Readonly<Record<string, unknown>>
  readonly env?: Readonly<Record<string, string>>
}

interface Job {
  readonly permissions?: Readonly<Record<string, string>>
  readonly strategy?: { readonly matrix: { readonly node: readonly (string | number)[] } }
  readonly 'timeout-minutes'?: number
  readonly uses?: string
  readonly environment?: unknown
  readonly steps?: readonly Step[]
}

interface Workflow {
  readonly on: Readonly<Record<string, unknown>>
  readonly permissions: Readonly<Record<string, string>>
  readonly jobs: Readonly<Record<string, Job>>
}

const files = await repositoryFiles('.github/workflows', '.yml')
const workflows = files.map(({ path, text }) => ({ path, text, workflow: parse(text) as Workflow }))
const root = await readPackageJson(repository)

test('there are workflows for tests, releases and documentation', () => {
  expect(files.map(({ path }) => path)).toEqual(
    ['ci', 'docs', 'release'].map((name) => `.github/workflows/${name}.yml`),
  )
})

describe.each(workflows)('$path', ({ path, text, workflow }) => {
  const jobs = Object.entries(workflow.jobs)
  const steps = jobs.flatMap(([, job]) => job.steps ?? [])

  test('is what GitHub takes for a workflow', async () => {
    const { exitCode, output } = await runProgram(tool('action-validator'), [join(repository, path)])
    expect(exitCode, output).toBe(0)
  })

  test('may read the repository, and no more unless a job says so', () => {
    expect(workflow.permissions).toEqual({ contents: 'read' })
    for (const [, { uses, 'timeout-minutes': minutes }] of jobs) expect(uses ?? minutes).toBeDefined()
  })

  test('gives nobody outside its rights or its secrets, and puts no text of others into a shell', () => {
    expect(Object.keys(workflow.on)).not.toContain('pull_request_target')
    expect(Object.keys(workflow.on)).not.toContain('workflow_run')
    expect(text).not.toContain('secrets.')
    for (const { run = '' } of steps) expect(run).not.toContain('${{')
  })

  test('names actions by their commit, with the version beside it', () => {
    for (const { uses } of steps) if (uses !== undefined) expect(uses).toMatch(/^actions\/[a-z-]+@[0-9a-f]{40}$/)
    expect(text.match(/uses: actions\//g)).toHaveLength(text.match(/@[0-9a-f]{40} # v\d+\.\d+\.\d+$/gm)?.length ?? 0)
  })

  test('leaves no token behind in the work tree', () => {
    const checkouts = steps.filter(({ uses }) => uses?.startsWith('actions/checkout@'))
    for (const { with: settings } of checkouts) expect(settings).toMatchObject({ 'persist-credentials': false })
  })

  test('runs commands that there are', async () => {
    const present = new Set((await repositoryFiles('scripts', '.ts')).map(({ path: script }) => script))
    for (const { run = '' } of steps) {
      for (const [, script = ''] of run.matchAll(/npm run ([\w:]+)/g))
        expect(Object.keys(root.scripts ?? {})).toContain(script)
      for (const [, script] of run.matchAll(/(?:node|tsx) (scripts\/\S+)/g)) expect([...present]).toContain(script)
    }
  })
})

describe('CI', () => {
  const { jobs } = (workflows.find(({ path }) => path.endsWith('/ci.yml'))?.workflow ?? {}) as Workflow

  test('runs what .ci/run does, on the oldest Node that package.json promises and on those after it', () => {
    const { strategy, steps = [] } = jobs.test as Job
    const [oldest, ...newer] = strategy?.matrix.node ?? []
    expect(`>=${oldest}`).toBe(root.engines?.node)
    expect(newer).toEqual([22, 24])
    expect(steps.map(({ run }) => run)).toContain('bash .ci/run')
  })
})

describe('a release', () => {
  const { on, jobs } = (workflows.find(({ path }) => path.endsWith('/release.yml'))?.workflow ?? {}) as Workflow

  test('is started by a person, after the tests and the rehearsal, in an environment that is approved', () => {
    expect(Object.keys(on)).toEqual(['workflow_dispatch'])
    expect(jobs.test?.uses).toBe('./.github/workflows/ci.yml')
    expect(jobs.publish).toMatchObject({ needs: ['test', 'rehearse'], environment: 'npm' })
    expect(
      jobs.rehearse?.steps?.some(({ run }) => run?.includes('npm run release:dry -- --keep release --address')),
    ).toBe(true)
  })

  test('may publish only where no code of a dependency runs, with provenance', () => {
    const mayPublish = Object.entries(jobs).filter(([, { permissions }]) => permissions?.['id-token'] === 'write')
    expect(mayPublish.map(([name]) => name)).toEqual(['publish'])
    const { steps = [] } = jobs.publish as Job
    expect(steps.some(({ run }) => /npm (ci|install|run)|npx/.test(run ?? ''))).toBe(false)
    const publishing = steps.find(({ run }) => run === 'node scripts/publish-packages.ts release')
    expect(publishing?.env).toEqual({ NPM_CONFIG_PROVENANCE: 'true' })
    // Trusted publishing: npm 11.5.1, which Node 24 brings.
    expect(steps.map((step) => step.with?.['node-version'])).toContain(24)
  })

  test('publishes with a program that imports nothing but Node', async () => {
    const [program] = await repositoryFiles('scripts', '/publish-packages.ts')
    const imports = [...(program?.text ?? '').matchAll(/from '([^']+)'/g)].map(([, name]) => name)
    expect(imports.length).toBeGreaterThan(0)
    expect(imports.filter((name) => !name?.startsWith('node:'))).toEqual([])
  })
})

test('a report of a problem asks for the output of janus doctor, and for a snapshot', async () => {
  const [form] = await repositoryFiles('.github/ISSUE_TEMPLATE', '/bug.yml')
  const { body } = parse(form?.text ?? '') as { readonly body: readonly { readonly id?: string }[] }
  expect(body.map(({ id }) => id)).toEqual([undefined, 'what', 'doctor', 'snapshot', 'state'])
  expect(form?.text).toContain('janus snapshot --out')
})
