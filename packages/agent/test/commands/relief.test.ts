import { mkdtemp, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import type { ReliefStage } from '../../src/index.js'
import { runCommand } from '../support/command-run.js'
import { localAgent, localOptions } from '../support/local-agent.js'
import { CONTROLS } from '../support/screen-samples.js'

const folder = await realpath(await mkdtemp(join(tmpdir(), 'janus-relief-')))
afterAll(() => rm(folder, { recursive: true, force: true }))

test('relief reset ends the critical stage of the agent that runs, with who did it and why, and nothing else', async () => {
  let stage: ReliefStage = 'critical'
  const told: string[] = []
  const daemon = await localAgent(join(folder, 'state'), {
    controls: () => ({ ...CONTROLS, relief: { stage, because: null, since: null } }),
    resetRelief: (because) => {
      told.push(because)
      stage = 'emergency'
    },
  })
  await daemon.serve()
  const options = localOptions(join(folder, 'state'))
  try {
    await expect(runCommand(options, ['relief', 'reset'])).rejects.toMatchObject({ code: 'JANUS_USAGE' })
    const { text } = await runCommand(options, ['relief', 'reset', '--reason', 'the build was ended'])
    expect(text).toBe('relief is in emergency; it goes further down as the host recovers')
    expect(told).toEqual([expect.stringMatching(/: the build was ended$/)])
    const again = runCommand(options, ['relief', 'reset', '--reason', 'once more'])
    await expect(again).rejects.toMatchObject({
      code: 'JANUS_AGENT_TRANSITION_ILLEGAL',
      remedy: 'See in which stage it is: `janus agent status`.',
    })
    expect(told).toHaveLength(1)
  } finally {
    await daemon.close()
  }
})
