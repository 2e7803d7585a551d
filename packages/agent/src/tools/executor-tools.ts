import type { ExecutorTools } from '../executor/executor-options.js'
import { judgeNodes } from './quality-gates.js'
import type { ToolRegistry } from './tool-registry.js'

/** What an executor is told of the tools of a registry. */
export function executorTools({ entries }: Pick<ToolRegistry, 'entries'>): ExecutorTools {
  return {
    entry: (name) => entries.get(name),
    manifest: (name) => entries.get(name)?.manifest,
    readOnly: (name) => (entries.get(name)?.shown ?? []).map((source) => ({ source })),
    judge: (name, stdout) => {
      const entry = entries.get(name)
      if (entry?.name !== 'node_generator' || entry.source !== 'built-in') return { warnings: [] }
      const { violations, warnings } = judgeNodes(stdout)
      const said = warnings.map(({ code, because }) => `${code}: ${because}`)
      if (violations.length === 0) return { warnings: said }
      const failure = violations.map(({ code, because }) => `${code}: ${because}`).join('; ')
      return { failure: `the quality gates are closed: ${failure}`, warnings: said }
    },
  }
}
