import { mkdtemp, readFile, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { runCommand } from '../support/command-run.js'
import { EXECUTOR } from '../support/decision-context.js'
import { approved, type ExecutingParts, executing, script } from '../support/executing-agent.js'
import { localOptions } from '../support/local-agent.js'

let folder: string
let parts: ExecutingParts

beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'janus-rollback-')))
  parts = await executing(folder)
})

afterEach(async () => {
  await parts.agent.close()
  await rm(folder, { recursive: true, force: true })
})

async function executed(undo: string): Promise<string> {
  const id = await approved(parts.agent, script('true'), { rollback: script(undo) })
  await parts.executor.execute(id, EXECUTOR)
  return id
}

const options = () => localOptions(join(folder, 'state'))

test('janus agent rollback has the agent that runs undo what it executed, once, after a yes', async () => {
  const id = await executed(`echo undone >> ${parts.effects}/log`)
  await parts.agent.serve()
  const words = ['rollback', id, '--reason', 'it was wrong']
  await expect(runCommand(options(), words)).rejects.toThrow('declined')
  const { text, asked } = await runCommand(options(), words, { yes: true })
  expect(asked).toEqual([`Undo what ${id} did?`])
  expect(text).toBe(`the rollback of ${id} ended completed: it exited with 0; it is completed`)
  expect(await readFile(`${parts.effects}/log`, 'utf8')).toBe('undone\n')
  await expect(runCommand(options(), [...words, '--yes'])).rejects.toMatchObject({
    code: 'JANUS_AGENT_ALREADY_CONSUMED',
  })
})

test('of a rollback that fails it says so, and exits with an error', async () => {
  const id = await executed('exit 3')
  await parts.agent.serve()
  const words = ['rollback', id, '--reason', 'it was wrong', '--yes']
  await expect(runCommand(options(), words)).rejects.toMatchObject({
    code: 'JANUS_ROLLBACK_INCOMPLETE',
    message: expect.stringContaining('it exited with 3'),
    remedy: expect.stringContaining(`janus agent proposals show ${id}`),
  })
})

test('where nothing is executed nothing is rolled back', async () => {
  const id = await executed('true')
  await parts.agent.close()
  const words = ['rollback', id, '--reason', 'it was wrong', '--yes']
  await expect(runCommand(options(), words)).rejects.toMatchObject({
    code: 'JANUS_AGENT_NOT_PERMITTED',
    remedy: expect.stringContaining('Start the agent'),
  })
})
