import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Policy, PolicyConditions, PolicyRule, ToolAction } from '../../src/index.js'
import { defaultPolicy } from '../../src/policy/default-policy.js'
import { evaluateInShadow, evaluatePolicy, policyInForce } from '../../src/policy/evaluate-policy.js'
import type { PolicyInput } from '../../src/policy/policy-input.js'
import { policyInput } from '../../src/policy/policy-input.js'
import { parsePolicy } from '../../src/policy/policy-schema.js'
import { parseSettings } from '../../src/settings/load-settings.js'
import { HARD_LIMITS } from '../../src/warrant/execution-limits.js'
import { resolveTool } from '../../src/warrant/resolve-tool.js'
import { memoryRecord } from '../support/memory-record.js'
import { grammarOf, toolEntry } from '../support/tool-entry.js'

const NOON = new Date('2026-03-04T12:00:00Z') // a Wednesday
const input: PolicyInput = {
  kind: 'tool',
  actionType: 'analysis',
  tool: 'rg',
  module: undefined,
  args: ['--files', '/workspace/logs'],
  paths: ['/workspace/logs'],
  hosts: [],
  risk: 'low',
  mode: 'beta',
  now: NOON,
  executions: [],
}

function policyOf(...rules: readonly PolicyRule[]): Policy {
  return { schema: 'janus.policy/1', name: 'a test', rules }
}

function rule(id: string, effect: 'allow' | 'deny', when: PolicyConditions = {}): PolicyRule {
  return { id, effect, when, because: 'the test says so' }
}

function allows(policy: Policy, asked: PolicyInput = input): boolean {
  return evaluatePolicy(policyInForce(policy), asked).allowed
}

describe('a policy', () => {
  test('denies what no rule allows', () => {
    expect(allows(policyOf())).toBe(false)
    expect(allows(policyOf(rule('a', 'allow', { tools: ['jq'] })))).toBe(false)
    expect(allows(policyOf(rule('a', 'allow')))).toBe(true)
  })

  test('denies what one rule denies, wherever it stands', () => {
    expect(allows(policyOf(rule('a', 'allow'), rule('b', 'deny')))).toBe(false)
    expect(allows(policyOf(rule('b', 'deny'), rule('a', 'allow')))).toBe(false)
  })

  test.each<[PolicyConditions, Partial<PolicyInput>, boolean]>([
    [{ actionKinds: ['tool'] }, {}, true],
    [{ actionKinds: ['module'] }, {}, false],
    [{ actionTypes: ['analysis'] }, {}, true],
    [{ actionTypes: [] }, {}, false],
    [{ tools: ['rg', 'jq'] }, {}, true],
    [{ tools: ['rg'] }, { kind: 'module', tool: undefined, module: 'gpu-vfio' }, false],
    [{ modules: ['gpu-vfio'] }, { kind: 'module', tool: undefined, module: 'gpu-vfio' }, true],
    [{ paths: ['/workspace'] }, {}, true],
    [{ paths: ['/workspace/log'] }, {}, false],
    [{ paths: ['/workspace'] }, { paths: ['/workspace/../etc'] }, false],
    [{ paths: ['/workspace'] }, { paths: ['/workspace2'] }, false],
    [{ paths: [] }, { paths: [] }, true],
    [{ paths: [] }, {}, false],
    [{ network: [] }, {}, true],
    [{ network: ['example.org'] }, { hosts: ['www.example.org', 'example.org'] }, true],
    [{ network: ['example.org'] }, { hosts: ['evil-example.org'] }, false],
    [{ network: ['example.org'] }, { hosts: ['example.org.evil.test'] }, false],
    [{ network: [] }, { hosts: ['example.org'] }, false],
    [{ network: ['example.org'] }, { hosts: ['example.org:443'] }, true],
    [{ network: ['example.org'] }, { hosts: ['example.org:8443'] }, false],
    [{ network: ['example.org:8443'] }, { hosts: ['www.example.org:8443'] }, true],
    [{ network: ['*.example.org'] }, { hosts: ['www.example.org'] }, true],
    [{ network: ['*.example.org'] }, { hosts: ['example.org'] }, false],
    [{ maxRisk: 'medium' }, { risk: 'medium' }, true],
    [{ maxRisk: 'medium' }, { risk: 'high' }, false],
    [{ modes: ['alpha'] }, {}, false],
    [{ modes: ['beta', 'omega'] }, {}, true],
    [
      {
        args: [
          { kind: 'literal', value: '--files' },
          { kind: 'path', below: ['/workspace'] },
        ],
      },
      {},
      true,
    ],
    [{ args: [{ kind: 'literal', value: '--files' }] }, {}, false],
    [
      {
        args: [
          { kind: 'literal', value: '--files' },
          { kind: 'text', maxLength: 5, repeat: true },
        ],
      },
      { args: ['--files'] },
      true,
    ],
    [{ args: [{ kind: 'text', maxLength: 50, repeat: true }] }, { args: ['a', 'b', '--pre=id'] }, false],
    [{ args: [{ kind: 'integer', min: 1, max: 9 }] }, { args: ['5'] }, true],
    [{ args: [{ kind: 'integer', min: 1, max: 9 }] }, { args: ['5.0'] }, false],
    [{ args: [{ kind: 'one-of', values: ['a'] }] }, { args: ['b'] }, false],
    [{ time: { from: '08:00', to: '17:59', timeZone: 'utc' } }, {}, true],
    [{ time: { from: '12:01', to: '17:59', timeZone: 'utc' } }, {}, false],
    [{ time: { from: '08:00', to: '17:59', days: [3], timeZone: 'utc' } }, {}, true],
    [{ time: { from: '08:00', to: '17:59', days: [0, 6], timeZone: 'utc' } }, {}, false],
    [{ time: { from: '22:00', to: '06:00', timeZone: 'utc' } }, { now: new Date('2026-03-04T23:00:00Z') }, true],
    [
      { time: { from: '22:00', to: '06:00', days: [3], timeZone: 'utc' } },
      { now: new Date('2026-03-05T05:59:00Z') },
      true,
    ],
    [
      { time: { from: '22:00', to: '06:00', days: [3], timeZone: 'utc' } },
      { now: new Date('2026-03-04T05:59:00Z') },
      false,
    ],
    [{ budget: { actions: 2, seconds: 60 } }, { executions: [NOON.getTime() - 1000] }, true],
    [{ budget: { actions: 2, seconds: 60 } }, { executions: [NOON.getTime() - 1000, NOON.getTime() - 2000] }, false],
    [{ budget: { actions: 2, seconds: 60 } }, { executions: [NOON.getTime() - 61_000, NOON.getTime() - 2000] }, true],
    [{ budget: { actions: 0, seconds: 60 } }, {}, false],
  ])('whose rule says %j finds %j to be %s', (when, change, expected) => {
    expect(allows(policyOf(rule('a', 'allow', when)), { ...input, ...change })).toBe(expected)
  })

  test('explains how every rule fared, and which condition failed it first', () => {
    const policy = policyOf(
      rule('no-net', 'deny', { network: ['evil.example'] }),
      rule('jq', 'allow', { tools: ['jq'] }),
    )
    expect(evaluatePolicy(policyInForce(policy), { ...input, hosts: ['www.example.org'] })).toMatchObject({
      allowed: false,
      considered: [
        { rule: 'no-net', matched: false, failed: { condition: 'network', because: 'it reaches none of them' } },
        { rule: 'jq', matched: false, failed: { condition: 'tools', because: 'it is rg' } },
      ],
    })
  })

  test('on trial is told of and decides nothing', () => {
    const strict = policyInForce(policyOf())
    const verdict = evaluateInShadow(policyInForce(policyOf(rule('a', 'allow'))), strict, input)
    expect(verdict).toMatchObject({ verdict: { allowed: true }, shadow: { allowed: false }, differs: true })
  })

  test('is read strictly', () => {
    expect(parsePolicy(policyOf(rule('a', 'allow')))).toEqual(policyOf(rule('a', 'allow')))
    for (const wrong of [
      null,
      { ...policyOf(), extra: 1 },
      policyOf(rule('a', 'allow'), rule('a', 'deny')),
      policyOf(rule('Not Kebab', 'allow')),
      policyOf(rule('a', 'allow', { paths: ['relative'] })),
      policyOf(rule('a', 'allow', { time: { from: '24:00', to: '01:00', timeZone: 'utc' } })),
      policyOf({ ...rule('a', 'allow'), when: { tool: ['rg'] } as PolicyConditions }),
    ]) {
      expect(() => parsePolicy(wrong)).toThrow(expect.objectContaining({ code: 'JANUS_AGENT_POLICY_INVALID' }))
    }
  })
})

describe('attack 2: an argument that is an option', () => {
  const text = policyOf(rule('a', 'allow', { args: [{ kind: 'text', maxLength: 200, repeat: true }] }))
  const path = policyOf(rule('a', 'allow', { args: [{ kind: 'path', below: ['/workspace'], repeat: true }] }))

  test.each([
    '--output=/etc/passwd',
    '-oProxyCommand=id',
    '--upload-file',
    '--config',
    '-K',
    '-',
    '--',
    '\u0000',
    'a\nb',
  ])('%j is no positional argument', (argument) => {
    expect(allows(text, { ...input, args: [argument] })).toBe(false)
    expect(allows(path, { ...input, args: [argument] })).toBe(false)
  })

  test('is never taken for text or for a path, whatever follows the hyphen', () => {
    fc.assert(
      fc.property(fc.string(), fc.array(fc.string()), (rest, others) => {
        expect(allows(text, { ...input, args: [...others, `-${rest}`] })).toBe(false)
        expect(allows(path, { ...input, args: [`-${rest}`, ...others] })).toBe(false)
      }),
    )
  })
})

describe('whatever a policy and an action are', () => {
  const conditions: fc.Arbitrary<PolicyConditions> = fc.record(
    {
      actionKinds: fc.subarray(['tool', 'module', 'governance'] as const),
      tools: fc.subarray(['rg', 'jq', 'curl']),
      network: fc.subarray(['example.org', 'evil.example']),
      maxRisk: fc.constantFrom('low', 'medium', 'high'),
      modes: fc.subarray(['alpha', 'beta', 'omega'] as const),
    },
    { requiredKeys: [] },
  ) as fc.Arbitrary<PolicyConditions>
  const rules = fc
    .array(fc.tuple(fc.constantFrom('allow', 'deny'), conditions), { maxLength: 6 })
    .map((list) => list.map(([effect, when], index) => rule(`r${index}`, effect as 'allow' | 'deny', when)))
  const asked = fc
    .record({
      kind: fc.constantFrom('tool', 'module'),
      tool: fc.constantFrom('rg', 'jq', 'curl', undefined),
      hosts: fc.subarray(['example.org', 'evil.example']),
      risk: fc.constantFrom('low', 'medium', 'high'),
      mode: fc.constantFrom('alpha', 'beta', 'omega'),
    })
    .map((change) => ({ ...input, ...change }) as PolicyInput)

  test('taking a rule that allows away never allows more', () => {
    fc.assert(
      fc.property(rules, asked, fc.nat(), (all, action, index) => {
        const allowing = all.filter(({ effect }) => effect === 'allow')
        const gone = allowing[index % Math.max(1, allowing.length)]
        const fewer = policyOf(...all.filter((one) => one !== gone))
        if (allows(fewer, action)) expect(allows(policyOf(...all), action)).toBe(true)
      }),
    )
  })

  test('adding a rule that denies never allows more, and the order of the rules means nothing', () => {
    fc.assert(
      fc.property(rules, asked, conditions, (all, action, when) => {
        const more = policyOf(...all, rule('denying', 'deny', when))
        if (allows(more, action)) expect(allows(policyOf(...all), action)).toBe(true)
        expect(allows(policyOf(...all.toReversed()), action)).toBe(allows(policyOf(...all), action))
      }),
    )
  })
})

describe('the built-in policy', () => {
  test('allows what is configured, on the domains that are allowed, and nothing else', async () => {
    const { settings } = await parseSettings(
      'tools: [{name: rg, command: [rg]}, {name: curl, command: [curl], allow_network: true}]\nsecurity: {network: {allowed_domains: [example.org]}}',
      'agent.yaml',
    )
    const policy = defaultPolicy(settings)
    expect(parsePolicy(policy)).toEqual(policy)
    const { state } = await memoryRecord()
    const asked = (tool: string, ...args: readonly string[]) =>
      policyInput(
        { actionType: 'analysis', action: { kind: 'tool', tool, args, kwargs: {}, network: [] }, rollback: null },
        'low',
        state,
        NOON,
      )
    expect(allows(policy, asked('rg', 'x'))).toBe(true)
    expect(allows(policy, asked('jq', '.'))).toBe(false)
    expect(allows(policy, asked('curl', 'https://www.example.org/a'))).toBe(true)
    expect(allows(policy, asked('curl', 'https://evil.test/'))).toBe(false)
    expect(allows(policy, asked('curl', 'https://example.org@evil.test/'))).toBe(false)
  })
})

describe('a rule that denies', () => {
  const denies = (when: PolicyConditions, asked: Partial<PolicyInput>): boolean =>
    !allows(policyOf(rule('all', 'allow'), rule('never', 'deny', when)), { ...input, ...asked })

  test('holds for one path or domain of those it names, whatever else the action names', () => {
    expect(denies({ paths: ['/etc'] }, { paths: ['/workspace/a', '/etc/passwd'] })).toBe(true)
    expect(denies({ network: ['evil.test'] }, { hosts: ['example.org', 'www.evil.test'] })).toBe(true)
    expect(denies({ network: ['evil.test'] }, { hosts: ['evil.test:8443'] })).toBe(true)
    expect(denies({ network: ['www.evil.test'] }, { hosts: ['*.evil.test'] })).toBe(true)
    expect(denies({ network: ['*.evil.test:443'] }, { hosts: ['a.evil.test'] })).toBe(true)
  })

  test('says nothing of an action that names none of them', () => {
    expect(denies({ paths: ['/etc'] }, { paths: ['/workspace/a'] })).toBe(false)
    expect(denies({ paths: ['/etc'] }, { paths: [] })).toBe(false)
    expect(denies({ network: ['evil.test'] }, { hosts: [] })).toBe(false)
    expect(denies({ network: ['evil.test:443'] }, { hosts: ['evil.test:22'] })).toBe(false)
  })

  test('holds for a path that climbs, which could be anywhere', () => {
    expect(denies({ paths: ['/etc'] }, { paths: ['/workspace/../etc/passwd'] })).toBe(true)
  })
})

describe('what a policy is asked about', () => {
  const asked = async (action: Partial<ToolAction>, rollback: ToolAction | null = null): Promise<PolicyInput> => {
    const record = await memoryRecord()
    return policyInput({ action: { ...TOOL, ...action }, actionType: 'analysis', rollback }, 'low', record.state, NOON)
  }
  const TOOL: ToolAction = { kind: 'tool', tool: 'list', args: [], kwargs: {}, network: [] }

  test('is the argument list that would run, named arguments included', async () => {
    const action = { args: ['-l'], kwargs: { width: 80, all: true, colour: false, block: null, author: 'x' } }
    const resolved = await resolveTool(
      { ...TOOL, ...action },
      {
        tool: () =>
          toolEntry('list', ['/bin/ls'], {
            grammar: grammarOf('-l', '--width=', '--all', '--colour', '--block=', '--author='),
          }),
        proposal: 'janus-000000000000',
        preservedEnvironment: [],
        allowedDomains: [],
        limits: HARD_LIMITS,
      },
    )
    expect((await asked(action)).args).toEqual(resolved.argv)
  })

  test('is what a failure runs too: it is denied with its rollback', async () => {
    const policy = policyOf(rule('list', 'allow', { tools: ['list'] }))
    expect(allows(policy, await asked({}))).toBe(true)
    expect(allows(policy, await asked({}, TOOL))).toBe(true)
    const verdict = evaluatePolicy(policyInForce(policy), await asked({}, { ...TOOL, tool: 'curl' }))
    expect(verdict).toMatchObject({ allowed: false, rollback: { allowed: false } })
    expect(verdict.rule).toBeUndefined()
  })
})
