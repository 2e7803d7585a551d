import { type Change, type Host, janusError } from '@janus/core'
import { readText } from '../read-text.js'
import { DIRECTORY } from './policies.js'

/** The switch for frequencies beyond the base frequency. */
export interface Boost {
  readonly path: string
  readonly value: string
  readonly isOn: boolean
  /** What is written for on and off: `no_turbo` of intel_pstate says the opposite. */
  readonly on: string
  readonly off: string
}

const SWITCHES = [
  { path: '/sys/devices/system/cpu/intel_pstate/no_turbo', on: '0', off: '1' },
  { path: `${DIRECTORY}/boost`, on: '1', off: '0' },
] as const

/** Reads the switch; undefined where the host has none. */
export async function readBoost(host: Host): Promise<Boost | undefined> {
  for (const { path, on, off } of SWITCHES) {
    const value = await readText(host, path)
    if (value === on || value === off) return { path, value, isOn: value === on, on, off }
  }
  return undefined
}

/**
 * The change that turns boost on or off; none when it is so.
 * @throws JANUS_HOST_UNFIT where there is no switch
 */
export async function boostChanges(host: Host, wanted: boolean | undefined): Promise<readonly Change[]> {
  if (wanted === undefined) return []
  const boost = await readBoost(host)
  if (boost === undefined) {
    const paths = SWITCHES.map(({ path }) => path)
    const message = `the host has no switch for boost: neither ${paths.join(' nor ')} is there`
    throw janusError('JANUS_HOST_UNFIT', message, {
      data: { paths },
      remedy: 'Leave boost out, or set it in the firmware setup.',
    })
  }
  if (boost.isOn === wanted) return []
  const { path, value: from } = boost
  const value = wanted ? boost.on : boost.off
  const why = `${wanted ? 'let' : 'do not let'} the processors, all of them, go beyond their base frequency`
  return [
    { kind: 'write-attribute', path, from, value, why, verify: [{ kind: 'equals', path, value }], scope: 'runtime' },
  ]
}
