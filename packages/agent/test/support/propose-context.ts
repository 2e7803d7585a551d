import type { ProposeContext } from '../../src/proposal/propose-action.js'
import type { ToolEntry } from '../../src/warrant/resolve-tool.js'

const TOOLS: readonly ToolEntry[] = [
  { name: 'list', command: ['/bin/ls'], allow_network: false },
  { name: 'rg', command: ['rg'], allow_network: false },
  { name: 'curl', command: ['curl'], allow_network: true },
  { name: 'shell', command: ['/bin/bash', '-c'], allow_network: false },
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
