import type { Evidence } from '@janus/core'

const MOST = 100

/** Lines of a finding's detail: the first hundred, and how many there are besides. */
export function boundedLines(lines: readonly string[]): string {
  const more = lines.length > MOST ? [`and ${lines.length - MOST} more`] : []
  return [...lines.slice(0, MOST), ...more].join('\n')
}

/** The first hundred pieces of evidence. */
export function boundedEvidence(evidence: readonly Evidence[]): readonly Evidence[] {
  return evidence.slice(0, MOST)
}
