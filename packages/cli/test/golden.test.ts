import { fileURLToPath } from 'node:url'
import type { Profile } from '@janus/core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { DATA_SCHEMAS, DOCUMENT_SCHEMA } from '../src/json-schema.js'
import * as reports from './fixtures/reports.js'
import { type BuiltCommand, buildCommand } from './harness/built-command.js'
import { documentOf, type Ended, runCommand } from './harness/run-command.js'

const undoAnswers = { 'rollback.dryRun': [reports.plannedUndo], rollback: [reports.undone] }
const recovery = { transactions: [reports.plannedUndo], blocked: [], complete: true }
const blocked = {
  transactions: [reports.incompleteUndo],
  blocked: [{ pid: 41, subjects: ['pci:0000:03:00.0'] }],
  complete: false,
}
const findings = [
  { id: 'group-kvm', status: 'warn', summary: 'You are not in the group kvm', remedy: 'sudo usermod -aG kvm alice' },
]
const description = {
  id: 'gpu-vfio',
  type: 'gpu',
  version: '0.1.0',
  status: 'ready',
  source: '@janus/modules-gpu',
  isolation: 'in-process',
  trusted: true,
  path: '/opt/janus/node_modules/@janus/modules-gpu/dist/index.js',
  summary: 'Binds devices to vfio-pci',
  diagnostics: [],
  compatApi: 1,
  supports: { apply: true, rollback: 'journal' },
  optionsSchema: {
    type: 'object',
    properties: {
      devices: { type: 'array', items: { type: 'string' }, description: 'what to bind' },
      group: { type: 'string' },
    },
    required: ['devices'],
  },
}
const failedRow = {
  id: 'broken',
  type: 'host',
  version: '1.0.0',
  status: 'failed',
  source: 'somebody',
  isolation: 'sandbox',
  trusted: false,
  diagnostics: [
    { severity: 'error', code: 'JANUS_MODULE_IMPORT_FAILED', summary: 'it does not parse', module: 'broken' },
  ],
}
const availableRow = {
  id: 'fan-curve',
  type: 'host',
  version: '1.2.3',
  status: 'available',
  source: 'janus-module-fans',
  isolation: 'sandbox',
  trusted: false,
  diagnostics: [],
}
const brings = { modules: [{ id: 'fan-curve', type: 'host' }], commands: ['fans'], checks: ['fan-speed'] }
const preview = {
  spec: 'janus-module-fans@1.2.3',
  name: 'janus-module-fans',
  version: '1.2.3',
  description: `Fans\u001b[31m that turn`,
  integrity: 'sha512-abc',
  brings,
  installed: '1.2.2',
}
const extension = {
  name: 'janus-module-fans',
  version: '1.2.3',
  trusted: false,
  integrity: 'sha512-abc',
  brings,
  diagnostics: [],
}
const now = { version: '1.2.3', integrity: 'sha512-abc', files: 'sha256-new', brings }
const review = {
  name: 'janus-module-fans',
  path: '/home/alice/.local/share/janus/extensions/node_modules/janus-module-fans',
  now,
  pinned: { ...now, version: '1.2.2', files: 'sha256-old', trusted: true },
  changes: ['version 1.2.2 → 1.2.3', 'files sha256-old → sha256-new'],
}
const conformance = {
  api: 1,
  module: { id: 'fan-curve', version: '1.2.3', kind: 'javascript' },
  path: '/home/alice/fans/fan-curve.js',
  results: [
    { id: 'brand', title: 'is what defineModule returns', ok: true },
    { id: 'check-repeats', title: 'check twice answers the same', ok: false, why: 'it did\nnot \u001b[31m' },
  ],
  passed: 1,
  total: 2,
  untried: ['undo-restores'],
}
const { optionsSchema: _schema, supports: _supports, compatApi: _api, ...row } = description
const doctor = {
  janus: '0.1.0',
  node: { version: '20.20.2', path: '/usr/bin/node' },
  platform: { os: 'linux', architecture: 'x64', kernel: '6.1.0' },
  user: { uid: 1000, root: false, sudo: false },
  cores: [
    { version: '0.1.0', path: '/opt/janus/node_modules/@janus/core' },
    { version: '0.1.1', path: '/home/alice/node_modules/@janus/core' },
  ],
  stateDirectory: { path: '/home/alice/.local/state/janus', state: 'readable', mode: '0750' },
  extensionDirectory: '/home/alice/.local/share/janus/extensions',
  sandbox: { available: false },
  tools: [{ name: 'npm', path: '/usr/bin/npm', version: '11.19.1' }],
  modules: [row, availableRow],
  diagnostics: [{ severity: 'warning', code: 'JANUS_CORE_DUPLICATED', summary: '2 copies of @janus/core are loaded' }],
}
const profile: Profile = {
  schema: 'janus.profile/1',
  name: 'vm',
  summary: 'a machine for games',
  modules: [
    { module: 'gpu-sriov', options: { device: '0000:06:00.0', functions: 2 } },
    { module: 'gpu-vfio', options: { devices: ['0000:06:00.1'] }, after: ['gpu-sriov'] },
  ],
}
const waiting = [
  { module: 'gpu-vfio', until: ['the virtual functions of 0000:06:00.0'], because: `no 0000:06:00.1\u001b[31m` },
]
const stage = {
  profile,
  stage: 1,
  plan: { ...reports.harmlessPlan, module: { id: 'profile:vm', version: '0.1.0' } },
  modules: [{ module: 'gpu-sriov', version: '0.1.0', changes: 1 }],
  waiting,
}
const lastStage = { ...stage, modules: [...stage.modules, { ...stage.modules[0], changes: 0 }], waiting: [] }
const profileFile = { profile, path: '/home/alice/.config/janus/profiles/vm.yaml' }
const profileAnswers = { readProfile: profileFile, planProfile: stage, inventory: reports.inventory }
const difference = { path: '/sys/a', found: '"0"', wanted: '"2"', why: 'functions' }
const profileDiff = {
  profile,
  modules: [
    { module: 'gpu-sriov', differences: [difference] },
    { module: 'gpu-vfio', differences: [], waits: waiting[0] },
  ],
  drift: reports.status.drift,
  same: false,
}
const planned = { answers: { plan: reports.plan, inventory: reports.inventory, describe: description } }

/** Name of the golden file, the command line, what the facade answers, the exit code. */
const CASES = [
  ['check', ['check'], { answers: { check: reports.checkReport } }, 1],
  ['check-good', ['check', '--no-interactive'], { answers: { check: reports.goodReport } }, 0],
  ['init-dry-run', ['init', '--dry-run'], { answers: { planInit: reports.harmlessPlan, checkInit: findings } }, 0],
  ['init', ['init', '--yes'], { answers: { planInit: reports.harmlessPlan, checkInit: findings } }, 0],
  ['bind-list', ['bind', '--list'], { answers: { inventory: reports.inventory } }, 0],
  ['bind-list-table', ['bind', '--list', '--table'], { answers: { inventory: reports.inventory } }, 0],
  ['bind-plan', ['bind', '--device', '0000:03:00.0', '--dry-run'], planned, 0],
  ['bind-apply', ['bind', '--device', '0000:03:00.0', '--apply', '--yes', '--accept', 'display-sessions'], planned, 0],
  ['bind-rollback', ['bind', '--rollback', '--yes'], { answers: { history: reports.history, ...undoAnswers } }, 0],
  ['plan', ['plan', 'gpu-vfio', '-o', 'group=14'], planned, 0],
  [
    'apply',
    ['apply', 'gpu-vfio', '--yes'],
    { answers: { plan: reports.harmlessPlan, inventory: reports.inventory } },
    0,
  ],
  ['apply-nothing', ['apply', 'gpu-vfio'], { answers: { plan: reports.emptyPlan, inventory: reports.inventory } }, 0],
  ['rollback-dry-run', ['rollback', '--dry-run'], { answers: undoAnswers }, 0],
  ['rollback', ['rollback', 't-2', '--yes'], { answers: undoAnswers }, 0],
  [
    'rollback-incomplete',
    ['rollback', '--yes'],
    { answers: { ...undoAnswers, rollback: [reports.incompleteUndo] } },
    4,
  ],
  ['recover-nothing', ['recover'], { answers: { 'recover.dryRun': { ...recovery, transactions: [] } } }, 0],
  ['recover', ['recover', '--yes'], { answers: { 'recover.dryRun': recovery, recover: blocked } }, 4],
  ['status', ['status'], { answers: { status: reports.status } }, 1],
  ['history', ['history'], { answers: { history: reports.history } }, 0],
  [
    'history-prune',
    ['history', 'prune', '--yes'],
    { answers: { 'pruneHistory.dryRun': { removed: ['t-0'], kept: 3 }, pruneHistory: { removed: ['t-0'], kept: 3 } } },
    0,
  ],
  ['module-list', ['module', 'list'], { answers: { modules: [row, availableRow, failedRow] } }, 0],
  ['module-meta', ['module', 'meta', 'gpu-vfio'], { answers: { describe: description } }, 0],
  [
    'module-add-dry-run',
    ['module', 'add', 'janus-module-fans', '--dry-run'],
    { answers: { 'extensions.preview': preview } },
    0,
  ],
  [
    'module-add',
    ['module', 'add', 'janus-module-fans', '--yes'],
    { answers: { 'extensions.preview': preview, 'extensions.add': extension } },
    0,
  ],
  ['module-add-unasked', ['module', 'add', 'janus-module-fans'], { answers: { 'extensions.preview': preview } }, 1],
  [
    'module-remove',
    ['module', 'remove', 'fan-curve', '--yes'],
    { answers: { 'extensions.find': extension, 'extensions.remove': extension } },
    0,
  ],
  ['module-remove-unknown', ['module', 'remove', 'fan-curve', '--yes'], {}, 1],
  [
    'module-trust-dry-run',
    ['module', 'trust', 'fan-curve', '--dry-run'],
    { answers: { 'extensions.reviewTrust': review } },
    0,
  ],
  ['module-trust', ['module', 'trust', 'fan-curve', '--yes'], { answers: { 'extensions.reviewTrust': review } }, 0],
  ['module-test', ['module', 'test', './fan-curve.js'], { answers: { testModule: [conformance] } }, 1],
  ['doctor', ['doctor'], { answers: { diagnose: doctor } }, 0],
  ['plan-left-overs', ['plan', 'gpu-vfio', '--left-overs', '--module', './fans'], planned, 0],
  ['module-show', ['module', 'show', 'gpu-vfio'], { answers: { describe: description } }, 0],
  [
    'snapshot',
    ['snapshot', '--out', 'captured.json'],
    {
      answers: {
        snapshot: {
          schema: 'janus.snapshot/1',
          capturedAt: '2026-01-02T03:04:05.000Z',
          janusVersion: '0.1.0',
          masked: true,
          entries: { '/proc/version': { text: 'Linux' } },
          queries: {},
        },
      },
    },
    0,
  ],
  [
    'refused',
    ['bind', '--device', '0000:03:00.0', '--dry-run', '--yes'],
    { errors: { plan: { code: 'JANUS_DEVICE_NOT_FOUND', message: 'there is no device 0000:03:00.0' } } },
    1,
  ],
  ['unknown-command', ['chekc'], {}, 1],
  ['unknown-option', ['check', '--hots'], {}, 1],
  [
    'profile-list',
    ['profile', 'list'],
    {
      answers: {
        profiles: [
          { name: 'vm', ...profileFile },
          { name: 'x', path: '/x.yaml', problem: 'it is no YAML' },
        ],
      },
    },
    0,
  ],
  ['profile-show', ['profile', 'show', 'vm'], { answers: profileAnswers }, 0],
  ['profile-plan', ['profile', 'plan', 'vm'], { answers: profileAnswers }, 0],
  ['profile-plan-out', ['profile', 'plan', 'vm', '--out', 'plan.json'], { answers: profileAnswers }, 1],
  ['profile-diff', ['profile', 'diff', 'vm'], { answers: { ...profileAnswers, diffProfile: profileDiff } }, 1],
  [
    'profile-diff-same',
    ['profile', 'diff', 'vm'],
    {
      answers: {
        ...profileAnswers,
        diffProfile: { profile, modules: [{ module: 'gpu-sriov', differences: [] }], same: true },
      },
    },
    0,
  ],
  ['profile-apply-dry-run', ['profile', 'apply', 'vm', '--dry-run'], { answers: profileAnswers }, 0],
  ['profile-apply-unasked', ['profile', 'apply', 'vm'], { answers: profileAnswers }, 1],
  [
    'profile-apply',
    ['profile', 'apply', 'vm', '--yes'],
    { answers: { ...profileAnswers, nextStage: { ...lastStage, stage: 2 } } },
    0,
  ],
  ['help-profile-apply', ['help', 'profile', 'apply'], {}, 0],
  ['help', ['--help'], {}, 0],
  ['help-bind', ['help', 'bind'], {}, 0],
  ['help-history-prune', ['help', 'history', 'prune'], {}, 0],
  ['version', ['--version'], {}, 0],
] as const

describe('every command', () => {
  let command: BuiltCommand
  beforeAll(async () => {
    command = await buildCommand()
  })
  afterAll(async () => await command.remove())

  test.each(CASES)('prints %s as text', async (name, args, script, exitCode) => {
    const ended = await runCommand(command, args, { script })
    expect(ended.exitCode).toBe(exitCode)
    const text = `$ janus ${args.join(' ')}\n--- stdout\n${ended.stdout}--- stderr\n${ended.stderr}`
    await expect(withoutVariance(text, ended)).toMatchFileSnapshot(goldenFile(`${name}.txt`))
  })

  test.each(CASES)('prints %s as one JSON document of the promised shape', async (name, args, script, exitCode) => {
    const ended = await runCommand(command, [...args, '--json'], { script })
    expect(ended.exitCode).toBe(exitCode)
    expect(ended.stderr).toBe('')
    const document = DOCUMENT_SCHEMA.parse(documentOf(ended))
    expect(document.ok).toBe(exitCode === 0)
    if (document.data !== null) DATA_SCHEMAS[document.command as keyof typeof DATA_SCHEMAS].parse(document.data)
    if (name === 'version') return
    await expect(withoutVariance(ended.stdout, ended)).toMatchFileSnapshot(goldenFile(`${name}.json.txt`))
  })

  test('a golden would show what a terminal obeys: none of it reaches the text', async () => {
    const script = { answers: { check: reports.checkReport, inventory: reports.inventory } }
    const outputs = [
      await runCommand(command, ['check'], { script }),
      await runCommand(command, ['bind', '--list'], { script }),
    ]
    for (const { stdout } of outputs) {
      expect(stdout).toContain('evil')
      expect(stdout).not.toMatch(/(?!\n)[\p{Cc}\p{Cf}]/u)
    }
  })

  test('JSON keeps hostile text whole, and escaped', async () => {
    const ended = await runCommand(command, ['check', '--json'], {
      script: { answers: { check: reports.checkReport } },
    })
    expect(ended.stdout).not.toMatch(/(?!\n)[\p{Cc}\p{Cf}]/u)
    expect(JSON.stringify(documentOf(ended).data)).toContain(JSON.stringify(reports.HOSTILE))
  })
})

function goldenFile(name: string): string {
  return fileURLToPath(new URL(`golden/${name}`, import.meta.url))
}

/** The time of a prune and the version of the package are not what a golden is about. */
function withoutVariance(text: string, { home }: Ended): string {
  return text
    .replaceAll(home, '~')
    .replace(/ended before \S+ /, 'ended before <time> ')
    .replace(/^janus \d+\.\d+\.\d+$/m, 'janus <version>')
}
