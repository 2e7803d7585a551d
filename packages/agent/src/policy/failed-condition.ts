import type { PolicyConditions, PolicyRule, TimeWindow } from '../contract/policy.js'
import { RISK_LEVELS } from '../contract/risk.js'
import { isAllowedDomain, isDeniedDomain } from '../network/match-domain.js'
import { isBelow, matchArguments } from './match-arguments.js'
import type { PolicyInput } from './policy-input.js'

/** The first condition of a rule that does not hold; undefined when all do. */
export function failedCondition(
  { effect, when }: Pick<PolicyRule, 'effect' | 'when'>,
  input: PolicyInput,
): { readonly condition: string; readonly because: string } | undefined {
  for (const [condition, check] of Object.entries(CHECKS)) {
    const wanted = when[condition as keyof PolicyConditions]
    if (wanted === undefined) continue
    const denied = effect === 'deny' ? DENIALS[condition as keyof typeof DENIALS] : undefined
    const because = (denied ?? check)(wanted as never, input)
    if (because !== undefined) return { condition, because }
  }
  return undefined
}

/** Each says why it does not hold. */
const CHECKS: {
  readonly [Name in keyof Required<PolicyConditions>]: (
    wanted: NonNullable<PolicyConditions[Name]>,
    input: PolicyInput,
  ) => string | undefined
} = {
  actionKinds: (wanted, { kind }) => among(kind, wanted),
  actionTypes: (wanted, { actionType }) => among(actionType, wanted),
  tools: (wanted, { tool }) => among(tool, wanted),
  modules: (wanted, { module }) => among(module, wanted),
  args: (wanted, { args }) => (matchArguments(wanted, args) ? undefined : `the arguments are ${JSON.stringify(args)}`),
  paths: (wanted, { paths }) => {
    const outside = paths.find((path) => !wanted.some((directory) => isBelow(path, directory)))
    return outside === undefined ? undefined : `it names ${outside}`
  },
  network: (wanted, { hosts }) => {
    const outside = hosts.find((host) => !isAllowedDomain(host, wanted))
    return outside === undefined ? undefined : `it reaches ${outside}`
  },
  maxRisk: (wanted, { risk }) =>
    RISK_LEVELS.indexOf(risk) <= RISK_LEVELS.indexOf(wanted) ? undefined : `the risk is ${risk}`,
  modes: (wanted, { mode }) => among(mode, wanted),
  time: (wanted, { now }) => (isInside(wanted, now) ? undefined : `it is ${now.toISOString()}`),
  budget: ({ actions, seconds }, { executions, now }) => {
    const since = now.getTime() - seconds * 1000
    // What lies ahead, by a clock that was set back since, counts as well.
    const used = executions.filter((at) => at > since).length
    return used < actions ? undefined : `${used} ran in ${seconds} seconds`
  },
}

/** To deny, one place of those that are named is enough; else a harmless one beside it would evade the rule. */
const DENIALS: Pick<typeof CHECKS, 'paths' | 'network'> = {
  paths: (wanted, { paths }) =>
    paths.some((path) => path.split('/').includes('..') || wanted.some((directory) => isBelow(path, directory)))
      ? undefined
      : 'it names none of them',
  network: (wanted, { hosts }) =>
    hosts.some((host) => isDeniedDomain(host, wanted)) ? undefined : 'it reaches none of them',
}

function among(found: string | undefined, wanted: readonly string[]): string | undefined {
  return found !== undefined && wanted.includes(found) ? undefined : `it is ${found ?? 'none'}`
}

function isInside({ from, to, days, timeZone }: TimeWindow, now: Date): boolean {
  const utc = timeZone === 'utc'
  const minutes = utc ? now.getUTCHours() * 60 + now.getUTCMinutes() : now.getHours() * 60 + now.getMinutes()
  const day = utc ? now.getUTCDay() : now.getDay()
  const [start, end] = [minutesOf(from), minutesOf(to)]
  const passesMidnight = start > end
  const inside = passesMidnight ? minutes >= start || minutes <= end : minutes >= start && minutes <= end
  // What began the evening before belongs to that day.
  const began = passesMidnight && minutes <= end ? (day + 6) % 7 : day
  return inside && (days === undefined || days.includes(began))
}

function minutesOf(clock: string): number {
  const [hours = 0, minutes = 0] = clock.split(':').map(Number)
  return hours * 60 + minutes
}
