import type { AgentStatus, ProposalRow } from '../contract/agent.js'
import type { ControlsState } from '../contract/controls.js'
import { visibleLine, visibleName } from '../review/visible-text.js'
import { padText } from './fit-text.js'
import type { ScreenEvent, ScreenState } from './screen-state.js'

const SECOND = 1000
const MINUTE = 60
const HOUR = 3600
const DAY = 86_400
/** Characters of a rationale that are made fit to be shown: more never fits a line. */
const MOST_SHOWN = 400

/** Who it is, its mode, how much waits and runs. */
export function titleLine({ status, pending, running, now, lost }: ScreenState): string {
  const clock = `${new Date(now).toISOString().slice(11, 19)}Z`
  if (status === undefined) return ` janus agent   ${lost === undefined ? 'asking' : 'not connected'}   ${clock}`
  const parts = [
    ...(lost === undefined ? [] : ['NOT CONNECTED']),
    visibleName(status.vesselId),
    status.mode,
    `${pending.length} pending`,
    `${running.length} running`,
    clock,
  ]
  return ` janus agent   ${parts.join('   ')}`
}

/** What holds it back first, else what it may do. */
export function permissionLine(status: AgentStatus | undefined): { readonly text: string; readonly alert: boolean } {
  if (status === undefined) return { text: '', alert: false }
  const { restrictions, ...permission } = status.permission
  if (status.frozen !== null) return { text: `FROZEN: ${visibleLine(status.frozen)}`, alert: true }
  if (restrictions.length > 0) {
    const all = restrictions.map(({ because }) => visibleLine(because)).join('; ')
    return { text: `restricted: ${all}`, alert: true }
  }
  const may = [
    permission.runApproved ? 'what was approved' : undefined,
    permission.runPlaybooks ? 'signed playbooks' : undefined,
    permission.runNovel ? 'novel proposals' : undefined,
  ].filter((each) => each !== undefined)
  return { text: `may run ${may.length === 0 ? 'nothing' : may.join(', ')}`, alert: false }
}

/** Governor, relief and the host. */
export function controlsLines(controls: ControlsState | undefined): readonly string[] {
  if (controls === undefined) return ['no executor runs here', '']
  const { allowance, backlog, governor, relief, measures, violations } = controls
  const percent = (value: number | undefined): string => (value === undefined ? '?' : `${value.toFixed(0)} %`)
  const terms =
    governor === null
      ? 'governor off'
      : `governor P ${governor.proportional.toFixed(2)} I ${governor.integral.toFixed(2)}${governor.saturated === null ? '' : ` at its ${governor.saturated} bound`}`
  return [
    [
      `${backlog.active} of ${allowance.concurrency} runs, ${backlog.waiting} waiting`,
      `network ${allowance.network ? 'allowed' : 'denied'}`,
      `relief ${relief?.stage ?? 'off'}`,
      `violations ${violations.count} of ${violations.threshold}`,
    ].join('   '),
    [
      `cpu ${percent(measures.cpuPercent)}`,
      `memory ${percent(measures.memoryPercent)}`,
      `disk ${percent(measures.diskPercent)}`,
      terms,
    ].join('   '),
  ]
}

/** A proposal that waits. */
export function pendingLine(row: ProposalRow, selected: boolean, now: number): string {
  const standing = row.timedOut
    ? 'waited too long: '
    : row.approvals > 0
      ? `${row.approvals} of ${row.approvalsNeeded} approvals: `
      : ''
  return [
    selected ? '>' : ' ',
    visibleName(row.id),
    padText(row.risk, 6),
    padText(ageText(row.createdAt, now), 4),
    padText(visibleName(row.source), 14),
    `${standing}${shown(row.rationale)}`,
  ].join(' ')
}

/** A proposal that is being executed. */
export function runningLine(row: ProposalRow, now: number): string {
  return `  ${visibleName(row.id)} ${padText(ageText(row.updatedAt, now), 4)} ${padText(visibleName(row.source), 14)} ${shown(row.rationale)}`
}

/** A move of a proposal. */
export function eventLine({ at, row }: ScreenEvent): string {
  const why = row.reason === undefined ? '' : ` ${shown(row.reason.text)}`
  return `  ${visibleName(at.slice(11, 19))} ${visibleName(row.id)} ${padText(row.status, 10)} ${padText(visibleName(row.source), 14)}${why}`
}

/** How long ago, in four columns: `42s`, `17m`, `5h`, `12d`. */
export function ageText(at: string, now: number): string {
  const seconds = Math.max(0, Math.floor((now - Date.parse(at)) / SECOND))
  if (!Number.isFinite(seconds)) return '?'
  if (seconds < MINUTE) return `${seconds}s`
  if (seconds < HOUR) return `${Math.floor(seconds / MINUTE)}m`
  if (seconds < DAY) return `${Math.floor(seconds / HOUR)}h`
  return `${Math.min(999, Math.floor(seconds / DAY))}d`
}

function shown(text: string): string {
  return visibleLine(text.slice(0, MOST_SHOWN).replace(/\s+/g, ' ').trim())
}
