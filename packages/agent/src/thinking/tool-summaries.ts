import type { ToolEntry } from '../contract/tool-entry.js'
import { describeGrammar } from '../tools/describe-grammar.js'
import type { ToolSummary } from './build-prompt.js'

/** The tools of a registry, as a model is told of them. */
export function toolSummaries(entries: ReadonlyMap<string, ToolEntry>): readonly ToolSummary[] {
  return [...entries.values()].map(({ name, description, manifest }) => ({
    name,
    summary: description ?? manifest.summary,
    usage: describeGrammar(manifest.arguments),
  }))
}
