import type { Change, WriteAttribute } from '@janus/core'
import { listWords } from '../list-words.js'
import type { GpuResetOptions } from './options.js'
import type { ResetState } from './reset-state.js'

/** The changes that choose the reset methods of the devices and keep them awake. */
export function resetChanges(states: readonly ResetState[], options: GpuResetOptions): readonly Change[] {
  return states.flatMap((state) => [
    ...methodChange(state, options.methods),
    ...(options.keepAwake ? awakeChanges(state) : []),
  ])
}

function methodChange({ device, methods = [], neighbours }: ResetState, wanted?: readonly string[]): readonly Change[] {
  const [from, value] = [methods.join(' '), wanted?.join(' ')]
  if (value === undefined || from === value) return []
  const path = `${device.path}/reset_method`
  const change: WriteAttribute = {
    kind: 'write-attribute',
    path,
    from,
    value,
    why: `reset ${device.address} by ${value} instead of ${from === '' ? 'nothing' : from}`,
    verify: [{ kind: 'equals', path, value }],
    scope: 'runtime',
  }
  if (!methods.includes('bus') || neighbours.length === 0) return [change]
  return [
    {
      ...change,
      ...withoutBus(
        change,
        methods,
        neighbours.map(({ address }) => address),
      ),
    },
  ]
}

/**
 * The boot finds `bus` before it finds the neighbours on the bus; later the kernel refuses the very list that it shows.
 * What can be put back is the rest of it.
 */
function withoutBus(
  { path, value: chosen }: WriteAttribute,
  methods: readonly string[],
  neighbours: readonly string[],
) {
  const rest = methods.filter((method) => method !== 'bus').join(' ')
  const summary = `the reset method bus of ${path.split('/').at(-2)} does not come back before a boot; with ${listWords(neighbours)} on its bus it never worked`
  const irreversible = [{ id: 'bus-reset-method', summary }]
  if (rest === chosen) return { irreversible, undo: { none: 'what was chosen is all that the kernel takes back' } }
  const undo = {
    kind: 'write-attribute',
    path,
    value: rest === '' ? '\n' : rest,
    why: 'undo: write the previous methods back, without bus, which the kernel refuses',
    verify: [{ kind: 'equals', path, value: rest }],
    scope: 'runtime',
  } as const
  return { irreversible, undo: [undo] }
}

/** Awake first: a device that sleeps in D3cold is woken before it is kept from going there again. */
function awakeChanges({ device, coldAllowed, control }: ResetState): readonly Change[] {
  const changes: Change[] = []
  if (control === 'auto')
    changes.push({
      kind: 'write-attribute',
      path: `${device.path}/power/control`,
      from: 'auto',
      value: 'on',
      why: `keep ${device.address} awake: no runtime power management`,
      scope: 'runtime',
    })
  if (coldAllowed === '1')
    changes.push({
      kind: 'write-attribute',
      path: `${device.path}/d3cold_allowed`,
      from: '1',
      value: '0',
      why: `never cut the power of ${device.address} (D3cold), from which some cards do not come back`,
      scope: 'runtime',
    })
  return changes
}
