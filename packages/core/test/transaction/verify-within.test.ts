import { setTimeout as sleep } from 'node:timers/promises'
import type { Change } from '@janus/core'
import { standardMachine } from '@janus/core/testing'
import { describe, expect, it } from 'vitest'
import { createModelBench } from './model-bench.js'

const HOLDER = '/run/holder'

describe('what a step waits for', () => {
  it('may take longer than the deadline of the engine, when the change says so', async () => {
    expect(await outcomeOf({ ...change, verifyWithin: 10_000 })).toBe('applied')
  })

  it('has failed at the deadline of the engine otherwise, and what was done is undone', async () => {
    expect(await outcomeOf(change)).toBe('JANUS_VERIFY_FAILED')
  })
})

/** The holder lets go some time after the step; the engine of the bench polls for 20 ms by itself. */
async function outcomeOf(step: Change): Promise<string> {
  const bench = createModelBench(standardMachine({ files: { [HOLDER]: 'somebody\n' } }))
  try {
    const plan = await bench.plan([step])
    const applying = bench.transactions.apply(plan).then(
      ({ outcome }) => outcome,
      (error: { code: string }) => error.code,
    )
    await sleep(300)
    bench.model.put({ [HOLDER]: 'nobody\n' })
    return await applying
  } finally {
    bench.close()
  }
}

const change: Change = {
  kind: 'create-directory',
  path: '/run/janus-step',
  mode: 0o755,
  why: 'do something, then wait for the holder',
  scope: 'runtime',
  verify: [{ kind: 'equals', path: HOLDER, value: 'nobody' }],
}
