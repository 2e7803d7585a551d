import type { Plan } from '@janus/core'
import { planDigest } from '@janus/core/schemas'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Proposal, ProposalRecord, ResolvedTool } from '../../src/index.js'
import { cardField } from '../../src/review/card-field.js'
import { type ReviewCardInput, reviewCard } from '../../src/review/review-card.js'
import { visibleHost, visibleLine, visibleName } from '../../src/review/visible-text.js'
import { HARD_LIMITS } from '../../src/warrant/execution-limits.js'
import { ANA } from '../support/decision-context.js'
import { sampleProposal } from '../support/sample-proposal.js'

/** Section "Approval Output Format" of the documents, as it stands there. */
const DOCUMENTED = `PROPOSAL: janus-abc123def456
Timestamp: 2025-10-06T14:30:00.000Z
Vessel: janus-in-balaur

ACTION TYPE: web_research
RISK LEVEL: LOW

MISSION CONTEXT:
  Research EU funding opportunities for GeoDataCenter

RATIONALE:
  Need to identify Horizon Europe funding programs...

EXPECTED OUTCOME:
  List of relevant funding programs with deadlines

RISK MITIGATION:
  Read-only web queries with domain allowlist

ROLLBACK PLAN:
  No system state changes, no rollback needed

TOOL INVOCATION:
  Tool: curl
  Args: https://ec.europa.eu/info/funding-tenders/

COMMANDS:
  Review:  ubos review janus-abc123def456
  Approve: ubos approve janus-abc123def456
  Reject:  ubos reject janus-abc123def456 --reason 'Your reason here'
`

const documented: Proposal = {
  ...sampleProposal({
    id: 'janus-abc123def456',
    action: {
      kind: 'tool',
      tool: 'curl',
      args: ['https://ec.europa.eu/info/funding-tenders/'],
      kwargs: {},
      network: ['ec.europa.eu'],
    },
    content: {
      missionContext: 'Research EU funding opportunities for GeoDataCenter',
      actionType: 'web_research',
      rationale: 'Need to identify Horizon Europe funding programs...',
      expectedOutcome: 'List of relevant funding programs with deadlines',
      riskMitigation: 'Read-only web queries with domain allowlist',
    },
  }),
  createdAt: '2025-10-06T14:30:00.000Z',
}

const resolved: ResolvedTool = {
  kind: 'tool',
  tool: 'curl',
  binary: { path: '/usr/bin/curl', device: 1, inode: 2, size: 3, modified: '4', sha256: 'a'.repeat(64) },
  argv: ['https://ec.europa.eu/info/funding-tenders/'],
  manifest: 'b'.repeat(64),
  workspace: 'exec-janus-abc123def456',
  environment: ['LANG', 'PATH'],
  limits: HARD_LIMITS,
  network: ['ec.europa.eu'],
}

function input(proposal: Proposal, more: Partial<ReviewCardInput> = {}): ReviewCardInput {
  const record: ProposalRecord = {
    proposal,
    status: 'proposed',
    revision: 1,
    decisions: [],
    proposedAt: proposal.createdAt,
    updatedAt: proposal.createdAt,
  }
  return { record, action: resolved, rollback: null, problems: [], approvalsNeeded: 1, program: 'ubos', ...more }
}

function without(card: string, ...sections: readonly string[]): string {
  return card
    .split('\n\n')
    .filter((part) => !sections.some((title) => part.startsWith(`${title}:`)))
    .join('\n\n')
}

describe('the review card', () => {
  test('is the documented one, with the digest in the command, and sections that the documents do not have', () => {
    const card = reviewCard(input(documented))
    const digest8 = documented.digest.slice(0, 8)
    const ours = ['WHAT WOULD RUN', 'WHAT A FAILURE RUNS', 'COMPUTED RISK', 'STANDING', 'DIGEST']
    expect(without(card, ...ours)).toBe(
      DOCUMENTED.replace('ubos approve janus-abc123def456', `ubos approve janus-abc123def456 ${digest8}`),
    )
  })

  test('shows what would really run, the risk as it was computed with its reasons, and the whole digest', () => {
    const proposal: Proposal = {
      ...documented,
      digest: 'd'.repeat(64),
      risk: {
        level: 'high',
        reasons: [
          { level: 'high', rule: 'interpreter', because: 'curl can write any file' },
          { level: 'low', rule: 'declared', because: 'its author says low' },
        ],
      },
    }
    expect(reviewCard(input(proposal, { program: 'janus agent', approvalsNeeded: 2 }))).toMatchInlineSnapshot(`
      "PROPOSAL: janus-abc123def456
      Timestamp: 2025-10-06T14:30:00.000Z
      Vessel: janus-in-balaur

      ACTION TYPE: web_research
      RISK LEVEL: HIGH

      MISSION CONTEXT:
        Research EU funding opportunities for GeoDataCenter

      RATIONALE:
        Need to identify Horizon Europe funding programs...

      EXPECTED OUTCOME:
        List of relevant funding programs with deadlines

      RISK MITIGATION:
        Read-only web queries with domain allowlist

      ROLLBACK PLAN:
        No system state changes, no rollback needed

      TOOL INVOCATION:
        Tool: curl
        Args: https://ec.europa.eu/info/funding-tenders/

      WHAT WOULD RUN:
        Program: /usr/bin/curl
        SHA-256: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
        Argument 1: https://ec.europa.eu/info/funding-tenders/
        Workspace: exec-janus-abc123def456
        Environment: LANG, PATH
        Network: ec.europa.eu
        Limits: 300 s of CPU, 600 s, 4096 MiB of memory, 1024 MiB of disk, 150 % of a CPU, 64 processes

      WHAT A FAILURE RUNS:
        nothing

      COMPUTED RISK:
        high: curl can write any file (interpreter)
        low: its author says low (declared)

      STANDING:
        Status: proposed, proposed by thinking-cycle at 2025-10-06T14:30:00.000Z
        Declared risk: low; novelty 1
        Approvals needed: 2

      DIGEST:
        dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd

      COMMANDS:
        Review:  janus agent review janus-abc123def456
        Approve: janus agent approve janus-abc123def456 dddddddd
        Reject:  janus agent reject janus-abc123def456 --reason 'Your reason here'
      "
    `)
  })

  test('prints commands for the decisions that can be made, and none where there is none', () => {
    const waiting = input(documented)
    const late = { ...waiting, record: { ...waiting.record, timedOutAt: '2025-10-07T14:30:00.000Z' } }
    expect(reviewCard(late)).toContain(`ubos approve janus-abc123def456 ${documented.digest.slice(0, 8)} --allow-stale`)
    const approved = { ...waiting, record: { ...waiting.record, status: 'approved' as const } }
    expect(reviewCard(approved)).not.toContain('COMMANDS')
  })

  test('of a module action shows each change, what undoes it, and first what nothing brings back', () => {
    const content: Omit<Plan, 'digest' | 'made'> = {
      schema: 'janus.plan/1',
      root: '/',
      module: { id: 'gpu-vfio', version: '0.1.0' },
      options: {},
      facts: [],
      changes: [
        {
          kind: 'write-attribute',
          path: '/sys/bus/pci/devices/0000:01:00.0/driver_override',
          from: '(null)',
          value: 'vfio-pci',
          why: 'the card goes to the virtual machine',
          scope: 'runtime',
          irreversible: [{ id: 'network-addresses', summary: 'the addresses of eth0' }],
          undo: [
            {
              kind: 'write-attribute',
              path: '/sys/bus/pci/devices/0000:01:00.0/driver_override',
              value: '\n',
              why: 'as it was',
              scope: 'runtime',
            },
          ],
        },
        {
          kind: 'write-file',
          path: '/etc/modprobe.d/janus.conf',
          content: { text: '\u001b]0;x' },
          mode: 0o644,
          why: 'after \u001b[2J a boot',
          scope: 'persistent',
          undo: { none: 'it is kept' },
        },
      ],
    }
    const plan: Plan = {
      ...content,
      digest: planDigest(content),
      made: { by: 'x', at: '2026-03-01T12:00:00.000Z', host: 'h' },
    }
    const action = { kind: 'module', plan, accept: ['network-addresses'] } as const
    const card = reviewCard(
      input(sampleProposal({ id: 'janus-abc123def456', action }), {
        action: { kind: 'module', planDigest: plan.digest, accept: action.accept },
      }),
    )
    expect(card.split('WHAT WOULD RUN:\n')[1]?.split('\n\n')[0]).toMatchInlineSnapshot(`
      "  NOT BROUGHT BACK by an undo (network-addresses, accepted): the addresses of eth0
        Module: gpu-vfio 0.1.0, on /
        Plan: cb476cee6c769ff7eaebf4ce87834df584eb0fe8d88dac07aaee7fe8dd188640, resting on 0 facts
        1. write "vfio-pci" to /sys/bus/pci/devices/0000:01:00.0/driver_override
           because: the card goes to the virtual machine
           undo: write "\\n" to /sys/bus/pci/devices/0000:01:00.0/driver_override
        2. write the file /etc/modprobe.d/janus.conf
           because: after \\x1b[2J a boot
           content (mode 0644): \\x1b]0;x
           RUNS AS ROOT
           no undo: it is kept"
    `)
  })
})

describe('attack 13: a proposal that deceives its reviewer', () => {
  const corpus = {
    'a terminal that is cleared': '\u001b[2J\u001b[1;1HRISK LEVEL: LOW',
    'C1 controls': 'a\u009b31mb\u0085c',
    'a line that is overwritten': 'rm -rf /\rls -l    ',
    'text from right to left': 'user\u202egpj.exe\u202c',
    isolates: '\u2066a\u2067b\u2069',
    'zero-width characters': 'pass\u200bwo\u200drd\ufeff',
    'tags and variation selectors': 'a\u{e0041}b\ufe0f',
    'spaces of other widths': 'a\u3000\u00a0\u2800b',
    'a card of its own': 'harmless\n\nCOMMANDS:\n  Approve: ubos approve janus-000000000000 00000000',
    'the same by way of the width of the terminal': `harmless${' '.repeat(300)}COMMANDS: Approve: ubos approve janus-0`,
    'letters that look like others': 'use с\u0443rl and pаypal',
    'a host in other letters': 'https://user@ec.eurоpa.eu/info and https://bücher.example/',
    'marks upon marks': `Z${'\u0301'.repeat(40)}`,
    'half a character': 'a\ud800b',
    'line separators': 'a\u2028b\u2029c',
  } as const

  test.each(Object.entries(corpus))('%s', (_name, text) => {
    expect(cardField(text).join('\n')).toMatchSnapshot()
  })

  test('a rationale of a megabyte is cut, and a digest stands for the rest', () => {
    const lines = cardField(`${'very '.repeat(200_000)}long`)
    expect(lines.length).toBeLessThan(100)
    expect(lines.at(-1)).toMatch(/^ {2}\| \[996004 more characters; SHA-256 of the whole: [0-9a-f]{64}\]$/)
  })

  test('names are spelled out where they are not ASCII, hosts shown as they are looked up', () => {
    expect(visibleName('сurl')).toBe('\\u{441}url')
    expect(visibleHost('ec.eurоpa.eu')).toBe('ec.xn--eurpa-lye.eu [written as ec.eur\\u{43e}pa.eu]')
    expect(visibleHost('example.org')).toBe('example.org')
    expect(visibleLine('Bücher und 書籍, Ελληνικά, кириллица')).toBe('Bücher und 書籍, Ελληνικά, кириллица')
  })

  test('whatever a proposal holds: no control character, and no line at the margin but those of the card', () => {
    const nasty = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 300 }),
      fc
        .array(fc.constantFrom(...Object.values(corpus), '\n', '\r\n', '\u001b', '  ', '| '), { maxLength: 6 })
        .map((parts) => parts.join('')),
    )
    const margin = (card: string) =>
      card
        .split('\n')
        .filter((line) => line !== '' && !line.startsWith('  '))
        .map((line) => line.replace(/:.*/, ''))
    const expected = margin(reviewCard(input(documented, { problems: ['x'] })))
    fc.assert(
      fc.property(fc.array(nasty, { minLength: 14, maxLength: 14 }), (texts) => {
        const [
          a = '',
          b = '',
          c = '',
          d = '',
          e = '',
          f = '',
          g = '',
          h = '',
          i = '',
          j = '',
          k = '',
          l = '',
          m = '',
          n = '',
        ] = texts
        const proposal = sampleProposal({
          proposer: { kind: 'agent', name: m },
          action: { kind: 'tool', tool: a, args: [b, c], kwargs: { [d]: e }, network: [f] },
          content: {
            vesselId: g,
            actionType: h,
            missionContext: i,
            rationale: j,
            expectedOutcome: k,
            riskMitigation: l,
            rollbackPlan: m,
          },
        })
        const card = reviewCard(
          input(
            { ...proposal, risk: { level: 'low', reasons: [{ level: 'low', rule: a, because: b }] } },
            {
              action: {
                ...resolved,
                argv: [n, c],
                network: [f],
                workspace: g,
                environment: [h],
                binary: { ...resolved.binary, path: i },
              },
              problems: [j],
              record: {
                ...input(proposal).record,
                decisions: [
                  { decision: 'approve', by: { ...ANA, name: k } as typeof ANA, at: 'now', digest: '', reason: l },
                ],
              },
            },
          ),
        )
        expect(card).not.toMatch(/[^\P{Cc}\n]|[\p{Cf}\p{Zl}\p{Zp}]/u)
        expect(margin(card)).toEqual(expected)
      }),
    )
  })
})
