import type { ToolEntry } from '../../src/contract/tool-entry.js'
import type { ProposeContext } from '../../src/proposal/propose-action.js'
import { grammarOf, toolEntry } from './tool-entry.js'

const TOOLS: readonly ToolEntry[] = [
  toolEntry('list', ['/bin/ls'], { grammar: grammarOf('-l', '-a') }),
  toolEntry('rg', ['rg'], { grammar: grammarOf('--files', '-i', '--count') }),
  toolEntry('curl', ['curl'], { allow_network: true, grammar: grammarOf('-L', '--output=') }),
  toolEntry('shell', ['/bin/bash', '-c']),
]

/** A context with a few tools, in which everything may be proposed. */
export function proposeContext(more: Partial<ProposeContext> = {}): ProposeContext {
  return {
    vesselId: 'janus-in-balaur',
    tool: (name) => TOOLS.find((tool) => tool.name === name),
    maxPending: 1000,
    permit: () => undefined,
    ...more,
  }
}

/** A draft that nothing is wrong with. */
export function sampleDraft(more: Readonly<Record<string, unknown>> = {}): Readonly<Record<string, unknown>> {
  return {
    mission_context: 'Keep the machine tidy',
    action_type: 'analysis',
    rationale: 'The list of log files is needed for the weekly report',
    expected_outcome: 'A list of files',
    risk_level: 'low',
    risk_mitigation: 'It only reads',
    rollback_plan: 'No system state changes, no rollback needed',
    tool_name: 'rg',
    tool_args: ['--files', 'logs'],
    ...more,
  }
}
