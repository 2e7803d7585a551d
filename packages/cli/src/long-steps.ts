import type { Janus } from '@janus/core'
import { renderAction } from './render/change.js'
import { text } from './render/markup.js'
import type { Waiting } from './waiting.js'

/**
 * Tells which step runs and for how long: an initramfs that is built, a device that is waited for. What the program
 * prints is not shown: the hand keeps it, bounded, for the message of a failure.
 */
export function watchLongSteps(events: Janus['events'], waiting: Pick<Waiting, 'step'>): void {
  const stop = (): void => waiting.step(undefined)
  events.on('transaction:step-started', ({ phase, change }) => {
    const verb = phase === 'undo' ? 'undoing' : 'running'
    waiting.step({ isLogged: true, describe: (seconds) => text`    ${verb} for ${seconds} s: ${renderAction(change)}` })
  })
  // An undo that follows starts its own; a question between two stages is not a step.
  events.on('transaction:step', stop)
  events.on('transaction:undoing', stop)
  events.on('transaction:ended', stop)
}
