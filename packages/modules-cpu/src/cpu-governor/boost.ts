import { type Change, type Host, janusError, type UndoChange, type WriteAttribute } from '@janus/core'
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

const NO_TURBO = '/sys/devices/system/cpu/intel_pstate/no_turbo'
const SWITCHES = [
  { path: NO_TURBO, on: '0', off: '1' },
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
 * @throws JANUS_HOST_LACKS_FEATURE where there is no switch
 */
export async function boostChanges(host: Host, wanted: boolean | undefined): Promise<readonly Change[]> {
  if (wanted === undefined) return []
  const boost = await readBoost(host)
  if (boost === undefined) {
    const paths = SWITCHES.map(({ path }) => path)
    const message = `the host has no switch for boost: neither ${paths.join(' nor ')} is there`
    throw janusError('JANUS_HOST_LACKS_FEATURE', message, {
      data: { paths },
      remedy: 'Leave boost out, or set it in the firmware setup.',
    })
  }
  if (boost.isOn === wanted) return []
  const { path, value: from } = boost
  const value = wanted ? boost.on : boost.off
  const words = `${wanted ? 'let' : 'do not let'} the processors, all of them, go beyond their base frequency`
  const why =
    wanted && path === NO_TURBO ? `${words}; the kernel refuses (EPERM) where the firmware has disabled it` : words
  const back: UndoChange = {
    kind: 'write-attribute',
    path,
    from: value,
    value: from,
    why: 'undo: put the switch back',
    verify: [{ kind: 'equals', path, value: from }],
    scope: 'runtime',
  }
  return [
    {
      kind: 'write-attribute',
      path,
      from,
      value,
      why,
      verify: [{ kind: 'equals', path, value }],
      scope: 'runtime',
      undo: [back, ...(await followersUndo(host, boost))],
    },
  ]
}

/**
 * What the kernel sets along with the switch and does not bring back: `no_turbo` pushes the least performance down into what
 * is left, the switch of cpufreq overwrites those of the policies.
 */
async function followersUndo(host: Host, { path, value }: Boost): Promise<readonly UndoChange[]> {
  const names =
    path === NO_TURBO ? [] : ((await host.list(DIRECTORY)).value ?? []).filter((name) => /^policy\d+$/.test(name))
  const followers =
    path === NO_TURBO
      ? ['/sys/devices/system/cpu/intel_pstate/min_perf_pct']
      : names.map((name) => `${DIRECTORY}/${name}/boost`)
  const undo = await Promise.all(
    followers.map(async (follower) => {
      const previous = await readText(host, follower)
      return previous === undefined || !/^\d+$/.test(previous) ? [] : [followerUndo(follower, previous)]
    }),
  )
  // A policy that is as the switch of all was follows it back by itself.
  return undo.flat().filter((change) => path === NO_TURBO || change.value !== value)
}

function followerUndo(path: string, value: string): WriteAttribute {
  return {
    kind: 'write-attribute',
    path,
    value,
    fromMayDiffer: true,
    why: 'undo: the switch has changed it along',
    verify: [{ kind: 'equals', path, value }],
    scope: 'runtime',
  }
}
