import type { Janus } from '@janus/core'
import { watchLongSteps } from './long-steps.js'
import { renderAction } from './render/change.js'
import { type Fragment, text } from './render/markup.js'
import type { Palette } from './render/palette.js'
import type { Waiting } from './waiting.js'

/** Where progress goes. */
export interface ProgressOutput {
  /** Prints one line. */
  say(line: string): void
  readonly waiting: Waiting
}

/** Tells what a transaction is doing, line by line, from the events of the facade alone. */
export function showProgress(events: Janus['events'], palette: Palette, { say, waiting }: ProgressOutput): void {
  const steps = new Map<string, number>()
  const tell = (line: Fragment): void => say(line.printable)
  events.on('transaction:started', ({ transaction, steps: count }) => {
    steps.set(transaction, count)
    tell(text`${palette.faint('transaction')} ${transaction}`)
  })
  events.on('transaction:step-started', ({ transaction, step, phase, change }) => {
    const count = steps.get(transaction)
    const position = count === undefined ? `${step + 1}` : `${step + 1}/${count}`
    tell(text`  ${palette.faint(`${phase} ${position}`)} ${renderAction(change)}`)
  })
  events.on('transaction:step', ({ outcome, reason }) => {
    if (outcome === 'done') return
    const paint =
      outcome === 'failed' || outcome === 'conflict' || outcome === 'in-progress-in-kernel'
        ? palette.bad
        : palette.notice
    tell(text`    ${paint(outcome)}${reason === undefined ? '' : `: ${reason}`}`)
  })
  events.on('transaction:stage', ({ transaction, stage, steps: count }) => {
    steps.set(transaction, count)
    tell(text`${palette.faint('stage')} ${stage}`)
  })
  watchLongSteps(events, waiting)
  events.on('transaction:undoing', ({ because }) => tell(text`${palette.notice('undoing')}: ${because}`))
}
