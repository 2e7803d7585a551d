import { type Change, defineModule, type WriteAttribute, type WriteFile } from '@janus/core'
import { createKernelModel, type KernelModel, lifeCycleSuite, type TreeInput } from '@janus/core/testing'
import * as z from '@janus/core/zod'
import { describe, expect, it } from 'vitest'

const SWITCH = '/sys/kernel/mm/transparent_hugepage/enabled'
const STRAY = '/etc/stray.conf'

describe('the life-cycle suite', () => {
  it('passes a module whose changes hold, and come back from everywhere', async () => {
    expect(await failuresOf(moduleWith([change]))).toEqual([])
  })

  it('fails one whose undo does not restore', async () => {
    const failures = await failuresOf(moduleWith([{ ...change, undo: [{ ...change, value: 'always' }] }]))
    expect(failures).toEqual(['applied', 'killed in an apply', 'killed in a rollback', 'killed in a recovery'])
  })

  it('fails one that is never content', async () => {
    expect(await failuresOf(moduleWith([change], { isContent: false }))).toContain('applied')
  })

  it('fails one whose check does not see what was applied', async () => {
    expect(await failuresOf(moduleWith([change], { proof: 'warn' }))).toEqual(['applied'])
  })

  it('fails one whose command leaves what its undo does not name, only where it is killed', async () => {
    const command: Change = {
      kind: 'run-command',
      command: 'tidy',
      args: [],
      timeout: 1_000,
      why: 'run a program that tidies up only in the end',
      scope: 'persistent',
      undo: [],
    }
    const tidyInTheEnd: Change = {
      kind: 'remove-file',
      path: STRAY,
      from: { sha256: 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', mode: 0o644, uid: 0, gid: 0 },
      why: 'take away what the program left',
      verify: [{ kind: 'absent', path: STRAY }],
      scope: 'persistent',
      undo: [],
    }
    const failures = await failuresOf(moduleWith([change, command, tidyInTheEnd]))
    expect(failures).toContain('killed in an apply')
    expect(failures).not.toContain('applied')
  })

  it('fails one that keeps a file and has nobody tell when it is changed', async () => {
    const file = { kind: 'write-file', path: STRAY, content: { text: 'kept' }, mode: 0o644, why: 'keep it' } as const
    const absent = { kind: 'absent', path: STRAY } as const
    const elsewhere = [{ kind: 'exists', path: SWITCH } as const]
    const watched = [{ kind: 'contains', path: STRAY, value: 'kept' } as const]
    const failuresWith = (verify: WriteFile['verify'], scope: Change['scope'] = 'persistent') =>
      failuresOf(moduleWith([change, { ...file, scope, ...(verify === undefined ? {} : { verify }) }]))
    expect(await failuresWith(undefined)).toEqual(['applied'])
    expect(await failuresWith(elsewhere)).toEqual(['applied'])
    expect(await failuresWith(watched)).toEqual([])
    expect(await failuresWith([])).toEqual([])
    expect(await failuresWith(undefined, 'runtime')).toEqual([])
    const shared = [change, { ...file, scope: 'persistent' } as const]
    expect(await failuresOf(moduleWith(shared), { [STRAY]: 'of somebody else' })).toEqual([])
    const removal = { kind: 'remove-file', path: STRAY, why: 'away with it', scope: 'persistent' } as const
    expect(await failuresOf(moduleWith([change, removal]), { [STRAY]: '' })).toEqual(['applied'])
    expect(await failuresOf(moduleWith([change, { ...removal, verify: [absent] }]), { [STRAY]: '' })).toEqual([])
  })

  it('does not take a fixture that needs no change for a proof', async () => {
    expect(await failuresOf(moduleWith([]))).toContain('applied')
  })
})

const change: WriteAttribute = {
  kind: 'write-attribute',
  path: SWITCH,
  value: 'never',
  why: 'turn transparent hugepages off',
  scope: 'runtime',
}

function moduleWith(
  changes: readonly Change[],
  { isContent = true, proof = 'ok' }: { readonly isContent?: boolean; readonly proof?: 'ok' | 'warn' } = {},
) {
  return defineModule({
    metadata: { type: 'host', id: 'switch', version: '1.0.0', compatApi: 1, summary: 'Turns a switch' },
    options: z.strictObject({}),
    async check({ host }) {
      const isOff = (await host.readText(SWITCH)).value?.includes('[never]') === true
      return [{ id: 'switch', status: isOff ? proof : 'warn', summary: 'the switch', remedy: 'Turn it.' }]
    },
    async apply({ host }) {
      const isOff = (await host.readText(SWITCH)).value?.includes('[never]') === true
      return isOff && isContent ? [] : [...changes]
    },
  })
}

function kernelWith(files: TreeInput): KernelModel {
  const model = createKernelModel({
    attributes: { [SWITCH]: { text: 'madvise', accepts: ['always', 'madvise', 'never'], selector: true } },
    files: { '/etc': {}, ...files },
  })
  model.onCommand('tidy', () => {
    model.put({ [STRAY]: '' })
    return { outcome: 'done' }
  })
  return model
}

const PHASES: readonly (readonly [RegExp, string])[] = [
  [/is applied/, 'applied'],
  [/wherever an apply/, 'killed in an apply'],
  [/wherever a rollback/, 'killed in a rollback'],
  [/wherever a recovery/, 'killed in a recovery'],
]

async function failuresOf(module: ReturnType<typeof moduleWith>, files: TreeInput = {}): Promise<readonly string[]> {
  const cases: { readonly title: string; run(): Promise<void> }[] = []
  lifeCycleSuite({
    test: (title, run) => cases.push({ title, run }),
    module,
    fixtures: [{ title: 'a machine', kernel: () => kernelWith(files), options: {}, proves: ['switch'] }],
  })
  const failures: string[] = []
  for (const { title, run } of cases) {
    const failed = await run().then(
      () => false,
      () => true,
    )
    if (failed) failures.push(PHASES.find(([pattern]) => pattern.test(title))?.[1] ?? title)
  }
  return failures
}
