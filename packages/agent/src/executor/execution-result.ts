import type { JsonValue } from '@janus/core'
import { canonicalDigest } from '@janus/core/ledger'
import type { ExecutionOutcome, ExecutionResult } from '../contract/execution.js'
import type { KeptOutput, RunEnd } from '../contract/run.js'
import type { ResolvedTool } from '../contract/warrant.js'
import type { JudgedRun } from './judge-run.js'
import { maskSecrets } from './mask-secrets.js'

/** Characters of each stream that stand in the record; the whole is in the digests. */
const MOST_RECORDED = 4096
const MOST_REQUESTS = 50
const MIB = 1024 * 1024

/** What is recorded of a run of a tool. */
export function runResult(
  { argv }: Pick<ResolvedTool, 'argv'>,
  end: RunEnd,
  judged: JudgedRun,
  environment: Readonly<Record<string, string>>,
): ExecutionResult {
  const { outcome, code, summary, warnings, expectation } = judged
  const { durationMs, cpuMs, memoryPeakBytes, stdout, stderr } = end
  return {
    outcome,
    ...(code === undefined ? {} : { code }),
    summary: maskSecrets(summary, environment),
    exitStatus: end.exitCode ?? null,
    runtimeSeconds: durationMs / 1000,
    argumentsHash: canonicalDigest(argv),
    outputDigest: canonicalDigest([stdout.sha256, stderr.sha256]),
    cpuPercent: cpuMs === undefined || durationMs <= 0 ? null : Math.round((1000 * cpuMs) / durationMs) / 10,
    memoryMb: memoryPeakBytes === undefined ? null : Math.round((10 * memoryPeakBytes) / MIB) / 10,
    details: {
      ending: end.ending,
      ...(end.signal === undefined ? {} : { signal: end.signal }),
      stdout: outputDetails(stdout, environment),
      stderr: outputDetails(stderr, environment),
      warnings: warnings.map((warning) => maskSecrets(warning, environment)),
      expectation: { ...expectation },
      enforced: end.enforced.map((each) => ({ ...each })),
      network: end.network.slice(0, MOST_REQUESTS).map((each) => ({ ...each })),
      network_requests: end.network.length,
      workspace: end.workspace,
    },
  }
}

/** How something ended that no run of a tool tells of. */
export interface Told {
  readonly code?: string | undefined
  readonly summary: string
  /** What was to be done, for its digest. */
  readonly argv?: readonly string[]
  readonly seconds?: number
}

/** What is recorded where no run of a tool tells: nothing was started, nobody saw how it ended, or it was a plan. */
export function endWithoutRun(
  outcome: ExecutionOutcome,
  { code, summary, argv = [], seconds = 0 }: Told,
  details: Readonly<Record<string, JsonValue>> = {},
): ExecutionResult {
  return {
    outcome,
    ...(code === undefined ? {} : { code }),
    summary,
    exitStatus: null,
    runtimeSeconds: seconds,
    argumentsHash: canonicalDigest(argv),
    outputDigest: canonicalDigest([]),
    cpuPercent: null,
    memoryMb: null,
    details,
  }
}

function outputDetails({ text, bytes, sha256, truncated }: KeptOutput, environment: Readonly<Record<string, string>>) {
  const masked = maskSecrets(text, environment)
  const kept = shortened(masked)
  return { text: kept, bytes, sha256, truncated: truncated || kept !== masked }
}

/** Head and end, as the sandbox keeps them; half of a character, which no record can hold, is none. */
function shortened(text: string): string {
  if (text.length <= MOST_RECORDED) return text
  const half = MOST_RECORDED / 2
  const [head, end] = [text.slice(0, half), text.slice(-half)].map((part) => part.replace(/\p{Surrogate}/gu, '\ufffd'))
  return `${head}\n… ${text.length - MOST_RECORDED} characters left out …\n${end}`
}
