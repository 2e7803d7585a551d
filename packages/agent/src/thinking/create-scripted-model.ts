import type { ChatModel } from '../contract/model.js'

/**
 * The stand-in of `debug.simulate_llm`: it proposes to look at the first tool that takes no argument or is called `list`, the same for the same question, and never stands in by
 * itself.
 * @param tool name of the tool that it proposes
 */
export function createScriptedModel(tool: string | undefined): ChatModel {
  const proposals =
    tool === undefined
      ? []
      : [
          {
            action_type: 'analysis',
            rationale: 'A scripted answer stands in for the model: it proposes one look with a tool that is configured',
            expected_outcome: 'The output of the tool',
            risk_level: 'low',
            risk_mitigation: 'It runs in the sandbox only',
            rollback_plan: 'Nothing is changed, so nothing is undone',
            tool_name: tool,
            tool_args: [],
            rollback: null,
          },
        ]
  const text = JSON.stringify({ proposals })
  return {
    kind: 'scripted',
    name: 'a scripted answer',
    ask: async () => ({
      text,
      usage: { promptTokens: null, completionTokens: null, bytes: Buffer.byteLength(text), milliseconds: 0 },
    }),
  }
}
