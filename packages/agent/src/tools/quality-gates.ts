import * as z from '@janus/core/zod'
import { parseJson } from '../json/parse-json.js'

/** Why what a generator made is not taken. */
export type QualityViolation =
  | 'empty_output'
  | 'parse_error'
  | 'missing_summary'
  | 'missing_quality'
  | 'missing_target_min'
  | 'insufficient_node_count'
  | 'stub_ratio'
  | 'relationship_density'

/** What could be better about it. */
export type QualityWarning = 'node_count' | 'average_confidence' | 'source_density'

/** What is excellent about it. */
export type QualityExcellence = 'rich_practice' | 'cross_book' | 'synthesis'

/** What the gates say of an answer. */
export interface QualityVerdict {
  /** No hard gate is closed. */
  readonly passed: boolean
  readonly violations: readonly { readonly code: QualityViolation; readonly because: string }[]
  readonly warnings: readonly { readonly code: QualityWarning; readonly because: string }[]
  readonly excellence: readonly QualityExcellence[]
}

const ratio = z.number().min(0)
const quality = z.looseObject({
  stub_ratio: ratio.optional(),
  relationship_density: ratio.optional(),
  average_confidence: ratio.optional(),
  source_density: ratio.optional(),
  rich_practice_ratio: ratio.optional(),
  cross_book_ratio: ratio.optional(),
  synthesis_ratio: ratio.optional(),
})
const summary = z.looseObject({
  target_min: z.unknown().optional(),
  generated: z.int().min(0).optional(),
  quality: z.unknown().optional(),
})
const answer = z.looseObject({ summary: z.unknown().optional(), nodes: z.array(z.unknown()).optional() })

const MOST_BYTES = 16 * 1024 * 1024
const EXCELLENT = { rich_practice: 0.4, cross_book: 0.5, synthesis: 0.3 } as const

/**
 * Judges the answer of a generator of nodes. The whole of it is one JSON value, the summary itself or `{summary, nodes}`: no part of it is looked for in other text. Where there
 * are nodes they are counted, whatever the summary says.
 * @param stdout everything that the generator printed
 */
export function judgeNodes(stdout: string): QualityVerdict {
  if (Buffer.byteLength(stdout) > MOST_BYTES) return failed('parse_error', `it is longer than ${MOST_BYTES} bytes`)
  if (stdout.trim() === '') return failed('empty_output', 'it printed nothing')
  let value: unknown
  try {
    value = parseJson(stdout)
  } catch (error) {
    return failed('parse_error', error instanceof Error ? error.message : 'it is no JSON')
  }
  const whole = answer.safeParse(value)
  const nodes = whole.success ? whole.data.nodes : undefined
  const said = summary.safeParse(whole.success && whole.data.summary !== undefined ? whole.data.summary : value)
  if (!said.success || (said.data.quality === undefined && said.data.target_min === undefined))
    return failed('missing_summary', 'it has no summary')
  const measured = quality.safeParse(said.data.quality)
  if (!measured.success) return failed('missing_quality', 'its summary says nothing of its quality')
  const target = z.number().safeParse(said.data.target_min)
  if (!target.success || target.data <= 0) return failed('missing_target_min', 'its summary has no target above 0')
  const generated = nodes?.length ?? said.data.generated ?? 0
  return judge(generated, target.data, measured.data)
}

function judge(generated: number, target: number, measured: z.infer<typeof quality>): QualityVerdict {
  const { stub_ratio = 1, relationship_density = 0, average_confidence, source_density } = measured
  const least = Math.ceil(0.5 * target)
  const wanted = Math.ceil(0.8 * target)
  const violations = [
    generated >= least ? undefined : violation('insufficient_node_count', `${generated} nodes, at least ${least}`),
    stub_ratio <= 0.1 ? undefined : violation('stub_ratio', `${stub_ratio} of them are stubs, at most 0.1`),
    relationship_density >= 0.3
      ? undefined
      : violation('relationship_density', `${relationship_density} relations for each node, at least 0.3`),
  ].filter((each) => each !== undefined)
  const warnings = [
    generated >= wanted ? undefined : warning('node_count', `${generated} nodes, better ${wanted}`),
    average_confidence === undefined || average_confidence >= 0.75
      ? undefined
      : warning('average_confidence', `confidence ${average_confidence} on average, better 0.75`),
    source_density === undefined || source_density >= 2
      ? undefined
      : warning('source_density', `${source_density} sources for each node, better 2`),
  ].filter((each) => each !== undefined)
  const excellence = (Object.keys(EXCELLENT) as QualityExcellence[]).filter(
    (name) => (measured[`${name}_ratio`] ?? 0) >= EXCELLENT[name],
  )
  return { passed: violations.length === 0, violations, warnings, excellence }
}

function failed(code: QualityViolation, because: string): QualityVerdict {
  return { passed: false, violations: [{ code, because }], warnings: [], excellence: [] }
}

function violation(code: QualityViolation, because: string) {
  return { code, because }
}

function warning(code: QualityWarning, because: string) {
  return { code, because }
}
