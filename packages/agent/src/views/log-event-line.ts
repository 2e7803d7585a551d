import type { LogEvent } from '../contract/log-event.js'
import { viewLine } from './view-line.js'

const MOST_SUMMARY = 2000

/**
 * An event that is not of the record as the agent log has it: the same six members as those of the record.
 * @param at ISO 8601
 */
export function logEventLine({ event, level, data, metrics }: LogEvent, at: string, vesselId: string): string {
  const { because, ...others } = data
  const details = Object.entries(others).map(([name, value]) => `${name} ${wordOf(value)}`)
  const words = [...(because === undefined ? [] : [wordOf(because)]), ...details].join(', ')
  const loud = level === 'warn' || level === 'error' ? `${level}: ` : ''
  return viewLine({
    timestamp: at,
    vessel_id: vesselId,
    event_type: event,
    action_id: null,
    summary: `${loud}${words}`.slice(0, MOST_SUMMARY).replace(/\p{Surrogate}/gu, '\ufffd'),
    risk_level: null,
    ...(metrics === undefined ? {} : { metrics }),
  })
}

function wordOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}
