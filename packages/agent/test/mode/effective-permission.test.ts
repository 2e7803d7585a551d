import { describe, expect, test } from 'vitest'
import { OPERATIONAL_MODES } from '../../src/index.js'
import { effectivePermission } from '../../src/mode/effective-permission.js'
import type { LiveConditions } from '../../src/mode/live-conditions.js'
import { agentSettingsSchema } from '../../src/settings/agent-settings.js'

/** Settings that hold nothing back. */
const open = {
  ...agentSettingsSchema.parse({}),
  operational_mode: 'omega' as const,
  auto_executor: { ...agentSettingsSchema.parse({}).auto_executor, enabled: true },
}

describe('the effective permission', () => {
  test.each([
    ['alpha', { runPlaybooks: false, approveListed: false, runNovel: false }],
    ['beta', { runPlaybooks: true, approveListed: true, runNovel: false }],
    ['omega', { runPlaybooks: true, approveListed: true, runNovel: true }],
  ] as const)('of %s, when nothing holds it back', (mode, more) => {
    expect(effectivePermission(mode, open)).toEqual({
      mode,
      propose: true,
      runApproved: true,
      network: true,
      restrictions: [],
      ...more,
    })
  })

  test('of the default configuration is alpha’s, whatever the record says', () => {
    for (const mode of OPERATIONAL_MODES) {
      expect(effectivePermission(mode, agentSettingsSchema.parse({}))).toMatchObject({
        mode: 'alpha',
        runPlaybooks: false,
        approveListed: false,
        runNovel: false,
      })
    }
  })

  test.each([
    ['operational_mode', { operational_mode: 'alpha' }, 'alpha'],
    ['operational_mode', { operational_mode: 'beta' }, 'beta'],
    ['auto_executor.enabled', { auto_executor: { ...open.auto_executor, enabled: false } }, 'alpha'],
  ] as const)('is lowered by %s alone, to %j at once', (rule, change, mode) => {
    const permission = effectivePermission('omega', { ...open, ...change })
    expect(permission.mode).toBe(mode)
    expect(permission.restrictions.map((one) => one.rule)).toEqual([rule])
    expect(permission.runNovel).toBe(false)
  })

  test('is never raised by the ceiling', () => {
    expect(effectivePermission('alpha', open)).toMatchObject({ mode: 'alpha', restrictions: [] })
  })

  test.each<[keyof LiveConditions, readonly string[]]>([
    ['emergency', []],
    ['frozen', []],
    ['verification', []],
    ['selfTest', ['propose']],
    ['maintenance', ['propose', 'runApproved', 'network']],
    ['relief', ['propose', 'runApproved', 'runPlaybooks', 'approveListed', 'runNovel']],
  ])('is held back by %s alone: what is left is %j', (condition, left) => {
    const permission = effectivePermission('omega', open, { [condition]: 'the test says so' })
    const granted = Object.entries(permission)
      .filter(([, value]) => value === true)
      .map(([name]) => name)
    expect(granted.toSorted()).toEqual([...left].toSorted())
    expect(permission.restrictions).toMatchObject([{ because: 'the test says so' }])
  })

  test.each([
    [
      'playbooks',
      { playbooks: { ...open.playbooks, enabled: false } },
      ['propose', 'runApproved', 'approveListed', 'runNovel', 'network'],
    ],
    [
      'playbooks',
      { playbooks: { ...open.playbooks, auto_approve: false } },
      ['propose', 'runApproved', 'approveListed', 'runNovel', 'network'],
    ],
    ['dry-run', { debug: { ...open.debug, dry_run_mode: true } }, ['propose']],
  ] as const)('is held back by the switch %s: %j leaves %j', (rule, change, left) => {
    const permission = effectivePermission('omega', { ...open, ...change })
    const granted = Object.entries(permission)
      .filter(([, value]) => value === true)
      .map(([name]) => name)
    expect(granted.toSorted()).toEqual([...left].toSorted())
    expect(permission.restrictions.map((one) => one.rule)).toEqual([rule])
  })
})
