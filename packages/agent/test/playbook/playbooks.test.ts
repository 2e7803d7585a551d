import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { ApprovedPlaybook, Metrics } from '../../src/index.js'
import { holds, matchPlaybook } from '../../src/playbook/match-playbook.js'
import { parsePlaybooks, playbookDigestOf } from '../../src/playbook/parse-playbooks.js'
import { parseTrigger } from '../../src/playbook/parse-trigger.js'

const source = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`../fixtures/source/${name}`, import.meta.url), 'utf8'))

describe('a trigger', () => {
  test.each([
    ['>80', { operator: '>', value: 80 }],
    [' >= 3.5 ', { operator: '>=', value: 3.5 }],
    ['<-1', { operator: '<', value: -1 }],
    ['==idle', { operator: '==', value: 'idle' }],
    ['!=true', { operator: '!=', value: true }],
    [80, { operator: '==', value: 80 }],
    [false, { operator: '==', value: false }],
    ['busy', { operator: '==', value: 'busy' }],
    ['10..20', { operator: 'between', from: 10, to: 20 }],
    ['in [a, b, 3]', { operator: 'in', values: ['a', 'b', 3] }],
  ])('%j is read', (text, trigger) => {
    expect(parseTrigger(text)).toEqual(trigger)
  })

  test.each(['', '>', '>idle', '> 1 2', '20..10', 'in []', 'in [a,,b]', '=> 3', '>80; true', Number.NaN, null, {}, []])(
    '%j is none',
    (text) => {
      expect(parseTrigger(text)).toBeUndefined()
    },
  )

  test.each<[string, Metrics[string] | undefined, boolean]>([
    ['>80', 81, true],
    ['>80', 80, false],
    ['>80', '81', false],
    ['>80', undefined, false],
    ['>80', Number.NaN, false],
    ['!=idle', undefined, false],
    ['10..20', 20, true],
    ['10..20', 21, false],
    ['in [a, 3]', 3, true],
    ['in [a, 3]', '3', false],
  ])('%j of %j is %s', (text, value, expected) => {
    const trigger = parseTrigger(text)
    expect(trigger !== undefined && holds(trigger, value)).toBe(expected)
  })

  test('reads its own comparisons back, whatever number is compared', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('>', '>=', '<', '<=', '==', '!='),
        fc.integer(),
        fc.integer(),
        (operator, operand, value) => {
          const trigger = parseTrigger(`${operator} ${operand}`)
          expect(trigger).toEqual({ operator, value: operand })
          if (trigger === undefined) return
          const opposite = { '>': '<=', '>=': '<', '<': '>=', '<=': '>', '==': '!=', '!=': '==' }[operator]
          const other = parseTrigger(`${opposite}${operand}`)
          expect(other !== undefined && holds(other, value)).toBe(!holds(trigger, value))
        },
      ),
    )
  })
})

describe('playbooks', () => {
  test.each(['4-line-141.json', '4-line-604.json'])('of the documents load as they stand: %s', (name) => {
    const [playbook] = parsePlaybooks(source(name))
    expect(playbook).toMatchObject({
      playbookId: 'maintenance-001',
      name: 'Log Rotation',
      triggerConditions: { disk_usage_percent: { operator: '>', value: 80 } },
      actionSequence: [{ tool: 'shell', args: expect.arrayContaining(['logrotate']) }],
    })
  })

  test.each([
    [[], 'it is a list'],
    [{ playbooks: [{ playbook_id: 'a' }] }, 'playbooks.0.name'],
    [
      {
        playbooks: [
          {
            playbook_id: 'a',
            name: 'A',
            trigger_conditions: { x: 'much' + '!' },
            action_sequence: [{ tool: 't', command: 'c' }],
          },
        ],
      },
      'a: the trigger x: "much!" is none',
    ],
    [{ playbooks: [], extra: 1 }, 'the registry'],
  ])('%j are refused', (value, why) => {
    expect(() => parsePlaybooks(value)).toThrow(
      expect.objectContaining({ code: 'JANUS_AGENT_PLAYBOOK_INVALID', message: expect.stringContaining(why) }),
    )
  })

  test('are pinned by everything that they do', () => {
    const [playbook] = parsePlaybooks(source('4-line-141.json'))
    if (playbook === undefined) throw new Error('there is one')
    const other = { ...playbook, actionSequence: [{ tool: 'shell', args: ['rm', '-r', 'logs'] }] }
    expect(playbookDigestOf(other)).not.toBe(playbookDigestOf(playbook))
  })

  test('match when all triggers hold, the first of them, and never without one', () => {
    const [playbook] = parsePlaybooks(source('4-line-141.json'))
    if (playbook === undefined) throw new Error('there is one')
    const approved = (id: string, more = {}): ApprovedPlaybook => {
      const each = { ...playbook, playbookId: id, ...more }
      return { playbook: each, digest: playbookDigestOf(each), signatures: [], approvedAt: '' }
    }
    const all = [approved('never', { triggerConditions: {} }), approved('first'), approved('second')]
    expect(matchPlaybook(all, { disk_usage_percent: 81, log_size_mb: 101 })?.playbook.playbookId).toBe('first')
    expect(matchPlaybook(all, { disk_usage_percent: 81 })).toBeUndefined()
    expect(matchPlaybook(all, { disk_usage_percent: 81, log_size_mb: 100 })).toBeUndefined()
  })
})
