import { execFileSync } from 'node:child_process'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { openKeptOutcomes } from '../kept-outcomes.js'
import type { ScenarioOutcome } from '../run-scenario.js'

const KERNEL = '6.1.0-1-amd64'
const whole = outcome('crash', [true, true])
let folder: string
let repository: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'janus-kept-'))
  repository = join(folder, 'repository')
  vi.stubEnv('JANUS_LAB_CACHE', join(folder, 'cache'))
  execFileSync('git', ['init', '--quiet', repository])
  await commit('one')
})
afterEach(async () => {
  vi.unstubAllEnvs()
  await rm(folder, { recursive: true, force: true })
})

describe('the outcome of a scenario', () => {
  test('is found by a later run over the same commit', async () => {
    await (await opened())?.keep(whole)
    expect(await (await opened())?.find('crash')).toMatchObject({ name: 'crash', passed: 2, seconds: 12 })
  })

  test('is found by a later commit of the same files', async () => {
    await (await opened())?.keep(whole)
    git('commit', '--quiet', '--allow-empty', '--message', 'the same again')
    expect(await (await opened())?.find('crash')).toBeDefined()
  })

  test('is not found once another file is committed', async () => {
    await (await opened())?.keep(whole)
    await commit('two')
    expect(await (await opened())?.find('crash')).toBeUndefined()
  })

  test('is not found on another kernel', async () => {
    await (await opened())?.keep(whole)
    expect(await (await openKeptOutcomes(repository, '6.12.1-amd64'))?.find('crash')).toBeUndefined()
  })

  test('is not kept when a check failed in it', async () => {
    await (await opened())?.keep(outcome('crash', [true, false]))
    expect(await (await opened())?.find('crash')).toBeUndefined()
  })

  test('is not kept when a file was changed while it ran', async () => {
    const kept = await opened()
    await writeFile(join(repository, 'file'), 'changed')
    await kept?.keep(whole)
    git('checkout', '--', 'file')
    expect(await (await opened())?.find('crash')).toBeUndefined()
  })

  test('of another scenario is not taken for it', async () => {
    await (await opened())?.keep(whole)
    expect(await (await opened())?.find('bind')).toBeUndefined()
  })

  test('that was cut short on the disk counts as none', async () => {
    const kept = await opened()
    await kept?.keep(whole)
    const [tree = ''] = await readdir(join(folder, 'cache/outcomes'))
    await writeFile(join(folder, 'cache/outcomes', tree, 'crash.json'), '{"name":"cra')
    expect(await kept?.find('crash')).toBeUndefined()
  })

  test.each(['changed', 'new'])(
    'is neither kept nor looked for while a file is %s and not committed',
    async (state) => {
      await writeFile(join(repository, state === 'changed' ? 'file' : 'other'), 'not committed')
      expect(await opened()).toBeUndefined()
    },
  )

  test('is neither kept nor looked for where there is no git', async () => {
    expect(await openKeptOutcomes(folder, KERNEL)).toBeUndefined()
  })
})

function opened() {
  return openKeptOutcomes(repository, KERNEL)
}

function outcome(name: string, oks: readonly boolean[]): ScenarioOutcome {
  return { name, checks: oks.map((ok) => ({ title: 'a check', ok })), boots: [], seconds: 12 }
}

async function commit(content: string): Promise<void> {
  await writeFile(join(repository, 'file'), content)
  git('add', '--all')
  git('commit', '--quiet', '--message', content)
}

function git(...args: readonly string[]): void {
  const who = ['-c', 'user.name=somebody', '-c', 'user.email=somebody@example.org', '-c', 'commit.gpgsign=false']
  execFileSync('git', ['-C', repository, ...who, ...args])
}
