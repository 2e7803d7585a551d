import type { BenchRow } from './bench-row.js'
import type { BenchEnvironment } from './environment.js'

/** What `npm run bench` writes as JSON. A field may be added; one that is taken away or means something else makes another `schema`. */
export interface BenchReport {
  readonly schema: 'janus.bench/1'
  /** ISO 8601, UTC. */
  readonly startedAt: string
  /** Fewer rounds were taken: the numbers are only good to see that they come. */
  readonly quick: boolean
  readonly environment: BenchEnvironment
  readonly rows: readonly BenchRow[]
}
