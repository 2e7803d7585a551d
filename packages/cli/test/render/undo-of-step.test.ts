import type { Plan, PlannedChange } from '@janus/core'
import { describe, expect, it } from 'vitest'
import { createPalette } from '../../src/render/palette.js'
import { renderPlan } from '../../src/render/plan.js'

function undoLine(change: Partial<PlannedChange>): string | undefined {
  const command = {
    kind: 'run-command',
    command: '/bin/x',
    args: [],
    timeout: 1_000,
    why: 'a test',
    scope: 'persistent',
  }
  const plan = {
    schema: 'janus.plan/1',
    root: '/',
    module: { id: 'm', version: '1.0.0' },
    options: {},
    facts: [],
    changes: [{ ...command, ...change }],
    digest: 'd',
    made: { by: 'test', at: 'now', host: 'here' },
  } as unknown as Plan
  return renderPlan(createPalette(false), plan)
    .printable.split('\n')
    .find((line) => line.trim().startsWith('undo'))
    ?.trim()
}

describe('a step whose undo list is empty', () => {
  it('says who puts its files back, if it rewrites any', () => {
    expect(undoLine({ undo: [], outputs: ['/a'] } as Partial<PlannedChange>)).toBe(
      'undo     by an earlier step, which puts its files back',
    )
    expect(undoLine({ undo: [] })).toBe('undo     nothing to undo')
  })
})
