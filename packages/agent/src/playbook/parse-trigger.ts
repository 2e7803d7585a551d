import type { TriggerCondition } from '../contract/playbook.js'

const COMPARISON = /^\s*(>=|<=|==|!=|>|<)\s*(-?\d+(?:\.\d+)?|[A-Za-z][\w.-]*)\s*$/
const BETWEEN = /^\s*(-?\d+(?:\.\d+)?)\s*\.\.\s*(-?\d+(?:\.\d+)?)\s*$/
const AMONG = /^\s*in\s*\[(.*)\]\s*$/
const MEMBER = /^(-?\d+(?:\.\d+)?|[A-Za-z][\w.-]*)$/

/**
 * Reads one trigger: `">80"`, `"<= 3.5"`, `"!=idle"`, `"10..20"` (both ends included), `"in [a, b, 3]"`; a bare number, switch or word is equality.
 * @returns undefined for what is none
 */
export function parseTrigger(value: unknown): TriggerCondition | undefined {
  if (typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value)))
    return { operator: '==', value }
  if (typeof value !== 'string') return undefined
  const comparison = COMPARISON.exec(value)
  if (comparison !== null) {
    const [, operator = '', operand = ''] = comparison
    const compared = scalar(operand)
    const ordered = operator !== '==' && operator !== '!='
    if (ordered && typeof compared !== 'number') return undefined
    return { operator: operator as '>', value: compared }
  }
  const between = BETWEEN.exec(value)
  if (between !== null) {
    const [from, to] = [Number(between[1]), Number(between[2])]
    return from <= to ? { operator: 'between', from, to } : undefined
  }
  const among = AMONG.exec(value)
  if (among !== null) {
    const members = (among[1] ?? '').split(',').map((member) => member.trim())
    if (!members.every((member) => MEMBER.test(member))) return undefined
    return { operator: 'in', values: members.map(scalar) as (number | string)[] }
  }
  return MEMBER.test(value.trim()) ? { operator: '==', value: scalar(value.trim()) } : undefined
}

function scalar(text: string): number | string | boolean {
  if (text === 'true' || text === 'false') return text === 'true'
  return /^-?\d/.test(text) ? Number(text) : text
}
