import type { Janus } from '@janus/core'
import { renderAction } from './render/change.js'
import { text } from './render/markup.js'

const SECOND = 1_000
/** Seconds between two lines where a line cannot be written over. */
const BETWEEN_LINES = 10

/** Where it is told what takes long. */
export interface LongStepOutput {
  /** Prints one line. */
  say(line: string): void
  /** Writes over the line that it wrote last; undefined where the output is no terminal. */
  readonly update: ((line: string) => void) | undefined
}

/**
 * Tells what runs and for how long, once a step takes longer than a second: an initramfs that is built, a device that is
 * waited for. What the program prints is not shown: the hand keeps it, bounded, for the message of a failure.
 */
export function watchLongSteps(events: Janus['events'], { say, update }: LongStepOutput): void {
  let timer: NodeJS.Timeout | undefined
  const stop = (): void => {
    clearInterval(timer)
    timer = undefined
  }
  events.on('transaction:step-started', ({ phase, change }) => {
    stop()
    const start = performance.now()
    timer = setInterval(() => {
      const seconds = Math.round((performance.now() - start) / SECOND)
      const { printable } =
        text`    ${phase === 'undo' ? 'undoing' : 'running'} for ${seconds} s: ${renderAction(change)}`
      if (update !== undefined) update(printable)
      else if (seconds % BETWEEN_LINES === 0) say(printable)
    }, SECOND)
    timer.unref()
  })
  // An undo that follows starts its own; a question between two stages is not a step.
  events.on('transaction:step', stop)
  events.on('transaction:undoing', stop)
  events.on('transaction:ended', stop)
}
