import type { ExecutorTools } from '../executor/executor-options.js'
import { judgeNodes } from './quality-gates.js'
import type { ToolRegistry } from './tool-registry.js'

/**
 * What an executor is told of the tools of a registry.
 * @param registry read whenever a tool is asked for
 */
export function executorTools(registry: Pick<ToolRegistry, 'entries'>): ExecutorTools {
  const find = (name: string) => registry.entries.get(name)
  return {
    entry: find,
    manifest: (name) => find(name)?.manifest,
    readOnly: (name) => (find(name)?.shown ?? []).map((source) => ({ source })),
    judge: (name, stdout) => {
      const entry = find(name)
      if (entry?.name !== 'node_generator' || entry.source !== 'built-in') return { warnings: [] }
      const { violations, warnings } = judgeNodes(stdout)
      const said = warnings.map(({ code, because }) => `${code}: ${because}`)
      if (violations.length === 0) return { warnings: said }
      const failure = violations.map(({ code, because }) => `${code}: ${because}`).join('; ')
      return { failure: `the quality gates are closed: ${failure}`, warnings: said }
    },
  }
}
