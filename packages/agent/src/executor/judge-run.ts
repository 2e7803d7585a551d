import type { ExecutionOutcome } from '../contract/execution.js'
import type { RunEnd } from '../contract/run.js'
import type { ToolManifest } from '../contract/tool.js'
import { type CheckedExpectation, checkExpectation } from './expected-outcome.js'

/** What a run counts as. */
export interface JudgedRun {
  readonly outcome: ExecutionOutcome
  /** Why it did not complete: `EXIT_STATUS`, `SIGNALLED`, `TIMEOUT`, `OUT_OF_MEMORY`, `CPU_LIMIT`, `OUTPUT_LIMIT`, `NOT_STARTED`, `CANCELLED`, `EXPECTATION_UNMET`, `QUALITY`. */
  readonly code?: string
  readonly summary: string
  /** What a person should know of it whatever it counts as. */
  readonly warnings: readonly string[]
  readonly expectation: CheckedExpectation
}

/** What a run is judged by. */
export interface Judging {
  /** In the words of its author, or as data. */
  readonly expected: string
  /** False when it was ended before anything was started. */
  readonly started: boolean
  readonly manifest: ToolManifest | undefined
  /** Whether it was given a network. */
  readonly network: boolean
  judge?(stdout: string): { readonly failure?: string; readonly warnings: readonly string[] }
}

const TROUBLE = ['permission denied', 'access denied', 'unauthorized', 'segmentation fault', 'core dumped']

/** Judges how a run ended: only exit status 0, and an expectation that is not unmet, is completed. */
export function judgeRun(end: RunEnd, judging: Judging): JudgedRun {
  const trouble = end.stderr.text.toLowerCase()
  const warnings = TROUBLE.filter((each) => trouble.includes(each)).map((each) => `stderr says: ${each}`)
  const judged = { summary: end.summary, warnings, expectation: { verdict: 'words' } } as const
  switch (end.ending) {
    case 'exited':
      return end.exitCode === 0
        ? judgeOutput(end, judging, warnings)
        : { ...judged, outcome: 'failed', code: 'EXIT_STATUS', summary: `it exited with ${end.exitCode}` }
    case 'signalled':
      return { ...judged, outcome: 'failed', code: 'SIGNALLED' }
    case 'timeout':
      return { ...judged, outcome: 'failed', code: 'TIMEOUT' }
    case 'out-of-memory':
      return { ...judged, outcome: 'failed', code: 'OUT_OF_MEMORY' }
    case 'cpu-limit':
      return { ...judged, outcome: 'failed', code: 'CPU_LIMIT' }
    case 'output-limit':
      return { ...judged, outcome: 'failed', code: 'OUTPUT_LIMIT' }
    case 'not-started':
      return { ...judged, outcome: 'failed', code: 'NOT_STARTED' }
    case 'cancelled':
      return { ...judged, ...judgeCancelled(judging) }
  }
}

function judgeOutput(end: RunEnd, { expected, judge }: Judging, before: readonly string[]): JudgedRun {
  const quality = judge?.(end.stdout.text)
  const expectation = checkExpectation(expected, end)
  const warnings = [
    ...before,
    ...(quality?.warnings ?? []),
    ...(expectation.verdict === 'unclear' ? [`what was expected cannot be told: ${expectation.because}`] : []),
  ]
  const judged = { warnings, expectation }
  if (quality?.failure !== undefined) return { ...judged, outcome: 'failed', code: 'QUALITY', summary: quality.failure }
  if (expectation.verdict === 'unmet') {
    const summary = `it did not do what was expected: ${expectation.because}`
    return { ...judged, outcome: 'failed', code: 'EXPECTATION_UNMET', summary }
  }
  return { ...judged, outcome: 'completed', summary: 'it exited with 0' }
}

/** What stayed in a workspace is there to be looked at; what went out of it nobody knows. */
function judgeCancelled({ started, manifest, network }: Judging): Pick<JudgedRun, 'outcome' | 'code' | 'summary'> {
  if (!started) return { outcome: 'suspended', code: 'CANCELLED', summary: 'it was cancelled before it was started' }
  const inside = manifest !== undefined && manifest.sideEffects !== 'outside' && !network
  return inside
    ? {
        outcome: 'suspended',
        code: 'CANCELLED',
        summary: 'it was ended in the middle; it reached nothing but its workspace',
      }
    : { outcome: 'unknown', code: 'CANCELLED', summary: 'it was ended in the middle: what it did is not known' }
}
