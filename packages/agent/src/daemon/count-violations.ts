import type { Controls } from '../controls/create-controls.js'
import type { LocalAgent } from '../local/local-agent.js'

/**
 * Has the controls count what the record says of broken limits, also what was recorded before and no person has lifted since.
 * @returns ends it
 */
export function countViolations({ record }: Pick<LocalAgent, 'record'>, { violations }: Controls): () => void {
  for (const { limit, summary } of record.state.limitViolations) violations.violated(limit, summary)
  return record.watch((event) => {
    if (event.type === 'limit-violated') violations.violated(event.payload.limit, event.payload.summary)
  })
}
