import type { Finding } from '../contract/finding.js'
import type { LogLevel, OutputLine } from './log-lines.js'

const MOST_FINDINGS = 200
const LAST_LINES = 20

/** Levels of log lines that become findings. */
const STATUSES: Partial<Readonly<Record<LogLevel, { readonly id: string; readonly status: Finding['status'] }>>> = {
  WARN: { id: 'warning', status: 'warn' },
  ERROR: { id: 'error', status: 'critical' },
  CRITICAL: { id: 'critical', status: 'critical' },
}

/**
 * What a check found: one finding for its return code, `check`, and one for each line of level WARN, ERROR or CRITICAL,
 * numbered by level: `warning-1`. The last line of level OK is the summary of a check that passed. Of one that failed, the
 * last of the worst lines is the summary, and the last lines are the detail.
 * @param passed true for return code 0, false for 1
 */
export function programFindings(lines: readonly OutputLine[], passed: boolean): readonly Finding[] {
  const reason = passed ? undefined : worstLine(lines)
  const findings = lines.filter((line) => line !== reason).flatMap(numberedFindings())
  const verdict: Finding = passed
    ? { id: 'check', status: 'ok', summary: lastWord(lines) ?? 'the program finds this machine fit' }
    : {
        id: 'check',
        status: 'critical',
        summary: reason === undefined ? 'the program finds this machine unfit, and does not say why' : reason.message,
        ...detailOf(lines),
      }
  return [verdict, ...findings.slice(0, MOST_FINDINGS)]
}

/** The last lines that a program wrote, as text. */
export function lastLines(lines: readonly OutputLine[], most = LAST_LINES): string {
  return lines
    .slice(-most)
    .map(({ level, message }) => (level === undefined ? message : `[${level}] ${message}`))
    .join('\n')
}

function lastWord(lines: readonly OutputLine[]): string | undefined {
  return lines.findLast(({ level }) => level === 'OK')?.message
}

function worstLine(lines: readonly OutputLine[]): OutputLine | undefined {
  for (const level of ['CRITICAL', 'ERROR', 'WARN'] as const) {
    const line = lines.findLast((candidate) => candidate.level === level)
    if (line !== undefined) return line
  }
  return lines.at(-1)
}

function numberedFindings(): (line: OutputLine) => readonly Finding[] {
  const counts = new Map<string, number>()
  return ({ level, message }) => {
    const kind = level === undefined ? undefined : STATUSES[level]
    if (kind === undefined) return []
    const number = (counts.get(kind.id) ?? 0) + 1
    counts.set(kind.id, number)
    return [{ id: `${kind.id}-${number}`, status: kind.status, summary: message }]
  }
}

function detailOf(lines: readonly OutputLine[]): { readonly detail?: string } {
  const detail = lastLines(lines).slice(-20_000)
  return detail === '' ? {} : { detail }
}
