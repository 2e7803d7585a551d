import type { Clock } from '../contract/clock.js'
import type { Controls } from './create-controls.js'
import { type EscapementOptions, runEscapement, type Tick } from './escapement.js'

/** What moves controls. */
export interface RunControlsOptions {
  readonly clock: Pick<Clock, 'monotonic'>
  readonly tickMilliseconds: number
  readonly sampleMilliseconds: number
  /** Ends them at once. */
  readonly signal: AbortSignal
  /** Called after every tick of the governor: where the executor looks for work, and progress is told. */
  onTick?(tick: Tick): void | Promise<void>
  /** Called after every sample of the host. */
  onSample?(): void | Promise<void>
  readonly sleep?: EscapementOptions['sleep']
}

/**
 * Moves controls until it is aborted: the governor with every tick, relief and alerts with every sample of the host.
 * @throws what the callbacks throw: then both have ended
 */
export async function runControls(controls: Controls, options: RunControlsOptions): Promise<void> {
  const { clock, tickMilliseconds, sampleMilliseconds, signal, onTick, onSample, sleep } = options
  const ending = new AbortController()
  const common = { clock, signal: AbortSignal.any([signal, ending.signal]), ...(sleep === undefined ? {} : { sleep }) }
  const ticking = runEscapement({
    ...common,
    intervalMilliseconds: tickMilliseconds,
    onTick: async (tick) => {
      controls.tick(tick.seconds)
      await onTick?.(tick)
    },
  })
  const sampling = sampleAtOnce(controls, onSample).then(() =>
    runEscapement({
      ...common,
      intervalMilliseconds: sampleMilliseconds,
      onTick: () => sampleAtOnce(controls, onSample),
    }),
  )
  try {
    await Promise.all([ticking, sampling])
  } finally {
    ending.abort()
    await Promise.allSettled([ticking, sampling])
  }
}

async function sampleAtOnce(controls: Controls, onSample: RunControlsOptions['onSample']): Promise<void> {
  await controls.sample()
  await onSample?.()
}
