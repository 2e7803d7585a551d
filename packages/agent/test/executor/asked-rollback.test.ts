import { cp, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ANA, EXECUTOR } from '../support/decision-context.js'
import { approved, type ExecutingParts, executing, script } from '../support/executing-agent.js'
import { localAgent } from '../support/local-agent.js'

let folder: string
let parts: ExecutingParts
const human = { actor: ANA, owner: false } as const

beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'janus-asked-')))
})

afterEach(async () => {
  await parts.agent.close()
  await rm(folder, { recursive: true, force: true })
})

async function executed(): Promise<string> {
  parts = await executing(folder)
  const id = await approved(parts.agent, script('true'), { rollback: script(`echo undone >> ${parts.effects}/log`) })
  await parts.executor.execute(id, EXECUTOR)
  return id
}

const effects = () => readFile(join(parts.effects, 'log'), 'utf8').catch(() => '')

describe('attack 8: a rollback and a record that was put back', () => {
  test('is not run once more from a backup that was made before it', async () => {
    const id = await executed()
    const record = join(folder, 'state/record')
    const backup = join(folder, 'backup')
    await cp(record, backup, { recursive: true })
    await parts.agent.as(human).rollback({ proposal: id, reason: 'it was wrong' })
    expect(await effects()).toBe('undone\n')
    // As after a crash: what closing would note is not noted.
    const marked = await readFile(`${join(folder, 'state')}.mark`)
    await parts.agent.close()
    await writeFile(`${join(folder, 'state')}.mark`, marked, { mode: 0o600 })
    await rm(record, { recursive: true })
    await cp(backup, record, { recursive: true })
    const restored = await localAgent(join(folder, 'state'))
    expect(restored.frozen).toMatch(/ends with event/)
    await restored.close()
    expect(await effects()).toBe('undone\n')
  })
})
