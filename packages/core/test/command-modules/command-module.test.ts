import { existsSync, readFileSync, symlinkSync } from 'node:fs'
import { join, relative } from 'node:path'
import { createMemoryHost } from '@janus/core/testing'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { RunCommand } from '../../src/contract/change.js'
import { findingsSchema } from '../../src/contract/finding-schema.js'
import { createLocalExecutor } from '../../src/executor/index.js'
import { readProcessIdentity } from '../../src/state/index.js'
import {
  addFixtures,
  bashText,
  createRun,
  createTree,
  LIBRARY,
  type ModuleTree,
  moduleFrom,
  moduleOf,
} from './module-tree.js'

let tree: ModuleTree
beforeEach(() => {
  tree = createTree()
})
afterEach(() => tree.remove())

describe.each(['source', 'subshell'] as const)('a bash module of the original style in exec mode %s', (mode) => {
  beforeEach(() => addFixtures(tree))

  it('is what it states, and its check gives findings', async () => {
    const module = await moduleOf(tree, 'gpu-original', { mode })
    const path = join(tree.root, 'modules/gpu/original.sh')
    expect(module).toMatchObject({
      metadata: { id: 'gpu-original', type: 'gpu', version: '0.1.0', compatApi: 1, summary: `bash module ${path}` },
      supports: { apply: true, rollback: 'planned' },
      isolation: 'subprocess',
      trusted: true,
    })
    const run = createRun()
    expect(await module.check(run)).toEqual([
      { id: 'check', status: 'ok', summary: 'the program finds this machine fit' },
      { id: 'warning-1', status: 'warn', summary: '[gpu-original] the fan is loud' },
    ])
    expect(run.log.entries).toEqual([
      { level: 'info', message: '[gpu-original] looking', fields: { module: 'gpu-original' } },
      { level: 'warn', message: '[gpu-original] the fan is loud', fields: { module: 'gpu-original' } },
    ])
  })

  it('applies and rolls back by two commands that a plan holds whole', async () => {
    const module = await moduleOf(tree, 'gpu-original', { mode })
    const target = join(tree.root, `a "file" of $it`)
    const answer = await module.apply(createRun(), { targetFile: target, levels: [1, 2], fast: true })
    expect(answer.options).toEqual({ targetFile: target, levels: [1, 2], fast: true })
    const [change] = answer.changes as (RunCommand & { undo: RunCommand[] })[]
    const [undo] = change?.undo ?? []
    expect(change).toMatchObject({ kind: 'run-command', opaque: true, scope: 'persistent', timeout: 600_000 })
    const unchanged = (path: string) => ({ kind: 'sha256', path, value: expect.stringMatching(/^[0-9a-f]{64}$/) })
    const own = ['modules/gpu/original.sh', 'lib/janus-log.sh'].map((path) => unchanged(join(tree.root, path)))
    expect(change?.expect).toEqual(mode === 'source' ? [...own, unchanged(LIBRARY)] : own)
    expect(undo?.expect).toEqual(own)
    await carryOut(change)
    expect(JSON.parse(readFileSync(target, 'utf8'))).toEqual(answer.options)
    await carryOut(change)
    await carryOut(undo)
    await carryOut(undo)
    expect(existsSync(target)).toBe(false)
  })

  it('sees no environment but the one the plan shows', async () => {
    const script = join(tree.root, 'startup')
    tree.write('startup', `echo started >"${join(tree.root, 'proof').replaceAll('$', '\\$').replaceAll('"', '\\"')}"\n`)
    tree.write('modules/host/env.sh', bashText({ id: 'env', check: '  env; janus_log WARN "options: $-, $SHELLOPTS"' }))
    const before = { ...process.env }
    Object.assign(process.env, { BASH_ENV: script, ENV: script, SHELLOPTS: 'xtrace', SECRET: 'of ours' })
    try {
      const run = createRun()
      const findings = await (await moduleOf(tree, 'env', { mode })).check(run)
      const names = run.log.entries.filter(({ level }) => level === 'debug').map(({ message }) => message.split('=')[0])
      expect(names.sort()).toEqual([
        ...['HOME', 'JANUS_LOG_ENABLE_COLOR', 'JANUS_LOG_LIBRARY', 'JANUS_MODULE_API_VERSION_SUPPORTED'],
        ...['JANUS_NONINTERACTIVE', 'JANUS_OPTIONS_JSON', 'LANG', 'PATH', 'PWD', 'SHLVL', '_'],
      ])
      // errexit, nounset, pipefail: the same in both modes, and nothing else.
      expect(findings[1]).toMatchObject({
        summary: expect.stringMatching(/^options: (ehuB|huBc|ehuBc), .*errexit.*nounset:pipefail$/),
      })
      expect(existsSync(join(tree.root, 'proof'))).toBe(false)
    } finally {
      for (const name of ['BASH_ENV', 'ENV', 'SHELLOPTS', 'SECRET']) delete process.env[name]
      Object.assign(process.env, before)
    }
  })

  it('is told in a check what is asked for', async () => {
    tree.write(
      'modules/host/asked.sh',
      bashText({ id: 'asked', check: `  janus_log WARN "speed \${JANUS_OPT_FAN_SPEED-none}"` }),
    )
    const module = await moduleOf(tree, 'asked', { mode })
    expect(await module.check(createRun(), { fanSpeed: 5 })).toMatchObject([{}, { summary: 'speed 5' }])
    expect(await module.check(createRun())).toMatchObject([{}, { summary: 'speed none' }])
    await expect(module.check(createRun(), { 'Fan-Speed': 5 })).rejects.toMatchObject({ code: 'JANUS_OPTIONS_INVALID' })
  })

  it.each([
    [
      'fails as expected with return code 1',
      'janus_log INFO looked; janus_log ERROR "no IOMMU"; return 1',
      [{ id: 'check', status: 'critical', summary: 'no IOMMU', detail: '[INFO] looked\n[ERROR] no IOMMU' }],
    ],
    [
      'may fail without a reason',
      'return 1',
      [{ id: 'check', status: 'critical', summary: 'the program finds this machine unfit, and does not say why' }],
    ],
    [
      'may say why in other words',
      'echo "it is broken" >&2; return 1',
      [{ id: 'check', status: 'critical', summary: 'it is broken', detail: 'it is broken' }],
    ],
    [
      'reports more than one thing',
      'janus_log CRITICAL a; janus_log ERROR b; janus_log WARN c; janus_log WARN d; return 1',
      [
        { id: 'check', status: 'critical', summary: 'a', detail: '[CRITICAL] a\n[ERROR] b\n[WARN] c\n[WARN] d' },
        { id: 'error-1', status: 'critical', summary: 'b' },
        { id: 'warning-1', status: 'warn', summary: 'c' },
        { id: 'warning-2', status: 'warn', summary: 'd' },
      ],
    ],
    [
      'is not fit when a command in it fails',
      'false; janus_log OK "not reached"',
      [{ id: 'check', status: 'critical', summary: 'the program finds this machine unfit, and does not say why' }],
    ],
    [
      'gets an empty answer where it asks',
      'read -r answer || true; janus_log WARN "answer: <$answer>"',
      [
        { id: 'check', status: 'ok', summary: 'the program finds this machine fit' },
        { id: 'warning-1', status: 'warn', summary: 'answer: <>' },
      ],
    ],
  ])('a check %s', async (_, check, findings) => {
    tree.write('modules/host/subject.sh', bashText({ check: `  ${check}` }))
    const found = await (await moduleOf(tree, 'subject', { mode })).check(createRun())
    expect(found).toEqual(findings)
    expect(findingsSchema.safeParse(found).success).toBe(true)
  })

  it.each([
    ['2', 'echo first; echo second >&2; return 2', 'ended with exit code 2: first | second'],
    [
      '127',
      'no-such-program',
      /ended with exit code 127: something it runs was not found: .*no-such-program: command not found/,
    ],
    ['126', '/dev/null', /ended with exit code 126: something it runs is not executable: /],
    ['by a signal', 'kill -SEGV $$', 'was ended by signal SIGSEGV'],
    ['as a shell does whose child was killed', 'exit 137', 'was ended by signal SIGKILL'],
  ])('a check that ends with %s is a failure of the module', async (_, check, how) => {
    tree.write('modules/host/subject.sh', bashText({ check: `  ${check}` }))
    const module = await moduleOf(tree, 'subject', { mode })
    await expect(module.check(createRun())).rejects.toMatchObject({
      code: 'JANUS_MODULE_CRASHED',
      module: 'subject',
      message: expect.stringMatching(
        how instanceof RegExp ? how : new RegExp(`module subject 1\\.0\\.0: .*subject\\.sh check ${how}`),
      ),
    })
  })

  it('is ended with everything it started when it hangs', async () => {
    tree.write('modules/host/subject.sh', bashText({ check: '  trap "" TERM; sleep 300 & echo $!; wait; wait; wait' }))
    const module = await moduleOf(tree, 'subject', { mode, deadlines: { question: 700 } })
    const error = await module.check(createRun()).then(
      () => undefined,
      (failure: { message: string; data: { output: string } }) => failure,
    )
    expect(error?.message).toContain('check did not end within 0.7 seconds and was ended')
    await gone(Number(error?.data.output))
  })

  it('is not held up by what it leaves behind, in its group or out of it', async () => {
    tree.write(
      'modules/host/subject.sh',
      bashText({ check: '  sleep 300 & echo $!\n  setsid sleep 300 & echo $!\n  janus_log OK done' }),
    )
    const run = createRun()
    await (await moduleOf(tree, 'subject', { mode })).check(run)
    const left = run.log.entries.filter(({ level }) => level === 'debug').map(({ message }) => Number(message))
    expect(left).toHaveLength(2)
    for (const pid of left) process.kill(pid, 'SIGKILL')
  })

  it('may write a hundred megabytes, of which a part is looked at', async () => {
    tree.write(
      'modules/host/subject.sh',
      bashText({ check: '  janus_log WARN first; set +o pipefail; yes | head -c 100000000; janus_log WARN last' }),
    )
    const run = createRun()
    const findings = await (await moduleOf(tree, 'subject', { mode })).check(run)
    expect(findings).toMatchObject([{ status: 'ok' }, { summary: 'first' }])
    expect(findings).toHaveLength(2)
    expect(run.log.entries.at(-1)?.message).toContain('check wrote more than is kept')
    expect(run.log.entries.length).toBeLessThan(11_000)
  })

  it('is asked what it is before it is asked anything else, and must agree', async () => {
    const path = tree.write(
      'modules/host/subject.sh',
      bashText({ check: `  echo checked >"${'$'}{BASH_SOURCE[0]}.proof"`, top: 'JANUS_MODULE_ID=other-' + 'name' }),
    )
    const text = readFileSync(path, 'utf8').replace(
      '\nJANUS_MODULE_ID=other-name',
      '\ntrue && eval JANUS_MODULE_{ID,TYPE}=other-name',
    )
    tree.write('modules/host/subject.sh', text)
    const module = await moduleOf(tree, 'subject', { mode })
    const refused = {
      code: 'JANUS_MODULE_METADATA_INVALID',
      message: expect.stringContaining('meta states id "other-name", it was found as "subject"'),
    }
    await expect(module.check(createRun())).rejects.toMatchObject(refused)
    await expect(module.apply(createRun(), {})).rejects.toMatchObject(refused)
    expect(existsSync(`${path}.proof`)).toBe(false)
  })
})

describe('a bash module that is a library only', () => {
  beforeEach(() => addFixtures(tree))

  it('works in exec mode source, with the logging library at hand and what it declares', async () => {
    const module = await moduleOf(tree, 'library-only')
    const run = createRun()
    expect(module.metadata.summary).toBe('Says whether a library without a dispatcher works.')
    expect(await module.check(run)).toEqual([{ id: 'check', status: 'ok', summary: 'hello world' }])
    expect(run.log.entries).toMatchObject([{ level: 'info', message: 'hello world' }])
  })

  it('says in exec mode subshell that it needs the other', async () => {
    const module = await moduleOf(tree, 'library-only', { mode: 'subshell' })
    await expect(module.check(createRun())).rejects.toMatchObject({
      code: 'JANUS_MODULE_METADATA_INVALID',
      message: expect.stringContaining('a file without a dispatcher needs exec mode source'),
    })
  })
})

describe('a bash module with the function names of before Module API v1', () => {
  beforeEach(() => addFixtures(tree))

  it('works in exec mode source, with a warning for each name', async () => {
    const run = createRun()
    const module = await moduleOf(tree, 'legacy-names')
    expect(await module.check(run)).toMatchObject([{ status: 'critical', summary: 'not capable' }])
    const warnings = run.log.entries.filter(({ level }) => level === 'warn').map(({ message }) => message)
    expect(warnings.map((message) => message.slice(tree.root.length))).toEqual([
      '/modules/host/legacy.sh defines check_capability, which is called janus_module_check since Module API v1',
      '/modules/host/legacy.sh defines apply_config, which is called janus_module_apply since Module API v1',
      '/modules/host/legacy.sh defines rollback, which is called janus_module_rollback since Module API v1',
    ])
    const { changes } = await module.rollback(createRun(), {})
    expect((await carryOut(changes[0] as RunCommand)).stderr).toBe('[INFO] rolled back\n')
  })

  it('works in exec mode subshell by its own dispatcher', async () => {
    const module = await moduleOf(tree, 'legacy-names', { mode: 'subshell' })
    expect(await module.check(createRun())).toMatchObject([{ status: 'critical', summary: 'not capable' }])
  })
})

describe('the libraries of a module in bash', () => {
  const expected = async (): Promise<readonly string[]> => {
    const { changes } = await (await moduleOf(tree, 'subject', { mode: 'subshell' })).apply(createRun(), {})
    const [change] = changes as RunCommand[]
    return (change?.expect ?? []).map((condition) => relative(tree.root, condition.path))
  }

  beforeEach(() => void tree.write('modules/host/subject.sh', bashText({})))

  it('are all files of the folder lib, in folders and behind links too', async () => {
    tree.write('lib/fans/curve.sh', 'true')
    symlinkSync(tree.write('elsewhere.sh', 'true'), join(tree.root, 'lib/linked.sh'))
    const own = ['lib/fans/curve.sh', 'lib/janus-log.sh', 'lib/linked.sh']
    expect(await expected()).toEqual(['modules/host/subject.sh', ...own])
  })

  it('are no more than can be compared', async () => {
    for (let number = 0; number < 200; number += 1) tree.write(`lib/part-${number}.sh`, '')
    await expect(expected()).rejects.toMatchObject({
      code: 'JANUS_MODULE_METADATA_INVALID',
      message: expect.stringContaining('too many to be compared'),
    })
  })
})

describe('a module in bash', () => {
  it('without one of its functions is no module', async () => {
    const text = bashText({}).replaceAll('janus_module_rollback', 'janus_module_undo')
    tree.write('modules/host/subject.sh', text)
    await expect((await moduleOf(tree, 'subject')).check(createRun())).rejects.toMatchObject({
      code: 'JANUS_MODULE_SHAPE_INVALID',
      message: expect.stringContaining('defines no function janus_module_rollback'),
    })
  })

  it('is not asked about a machine it does not run on, and plans nothing for it', async () => {
    tree.write('modules/host/subject.sh', bashText({ check: '  exit 9' }))
    const module = await moduleOf(tree, 'subject')
    const run = { ...createRun(), host: createMemoryHost({}) }
    expect(run.host.kind).not.toBe('live')
    expect(await module.check(run)).toMatchObject([{ id: 'check', status: 'skipped' }])
    await expect(module.apply(run, {})).rejects.toMatchObject({ code: 'JANUS_HOST_UNFIT', module: 'subject' })
    await expect(module.rollback(run, {})).rejects.toMatchObject({ code: 'JANUS_HOST_UNFIT' })
  })

  it('is not believed when it contradicts itself in meta, and may answer in colours', async () => {
    tree.write(
      'modules/host/subject.sh',
      bashText({ top: 'printf "\\033[0;34m[INFO]\\033[0m hello\\n\\033[1mversion=1.0.0\\033[0m\\n"' }),
    )
    expect(await (await moduleOf(tree, 'subject', { mode: 'subshell' })).check(createRun())).toHaveLength(1)
    tree.write('modules/host/subject.sh', bashText({ top: 'echo version=2.0.0' }))
    await expect((await moduleOf(tree, 'subject', { mode: 'subshell' })).check(createRun())).rejects.toMatchObject({
      code: 'JANUS_MODULE_METADATA_INVALID',
      message: expect.stringContaining('meta states version twice'),
    })
  })

  it('can be cancelled, and asked again', async () => {
    tree.write('modules/host/subject.sh', bashText({ check: '  [ -e "$0.go" ] || sleep 300' }))
    const module = await moduleOf(tree, 'subject', { mode: 'subshell' })
    const controller = new AbortController()
    const cancelled = module.check(createRun(controller.signal))
    setTimeout(() => controller.abort(), 300)
    await expect(cancelled).rejects.toMatchObject({ code: 'JANUS_EXECUTOR_CANCELLED' })
    tree.write('modules/host/subject.sh.go', '')
    expect(await module.check(createRun())).toHaveLength(1)
  })

  it('from a package must be what its manifest says', async () => {
    tree.write('fan.sh', bashText({ id: 'fan', version: '1.0.0' }))
    const found = { id: 'fan', type: 'host', version: '1.0.1', source: 'fans', diagnostics: [] }
    const code = { directory: tree.root, entry: 'fan.sh', kind: 'command', bugs: 'https://bugs.example/fans' } as const
    await expect(moduleFrom({ ...found, code })).rejects.toMatchObject({
      code: 'JANUS_MODULE_VERSION_DRIFT',
      message: expect.stringContaining('states version "1.0.0", it was found as "1.0.1"'),
      remedy: 'Report it to https://bugs.example/fans.',
    })
    await expect(
      moduleFrom({ ...found, version: '1.0.0', code: { ...code, entry: '../x/fan.sh' } }),
    ).rejects.toMatchObject({
      code: 'JANUS_MODULE_IMPORT_FAILED',
    })
  })
})

async function carryOut(change: RunCommand | undefined) {
  if (change === undefined) throw new Error('there is no change')
  const { command, args, env = {}, timeout } = change
  const result = await createLocalExecutor().run(command, args, { env, timeout })
  expect(result, result.stderr).toMatchObject({ exitCode: 0 })
  return result
}

async function gone(pid: number): Promise<void> {
  expect(pid).toBeGreaterThan(1)
  while ((await readProcessIdentity(pid)) !== undefined) await new Promise((resolve) => setTimeout(resolve, 20))
}
