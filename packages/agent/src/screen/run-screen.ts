import { setTimeout as delay } from 'node:timers/promises'
import { isJanusError } from '@janus/core'
import { decidedLine } from '../commands/render/decided-line.js'
import type { DecisionSigner } from '../commands/sign-decision.js'
import type { Agent, DecisionAnswer, ProposalRow, Watching } from '../contract/agent.js'
import type { Clock } from '../contract/clock.js'
import { openTerminal, type TerminalStreams } from './open-terminal.js'
import { createPainter } from './paint-frame.js'
import { parseKeys } from './parse-keys.js'
import { pressKey } from './press-key.js'
import { readScreen } from './read-screen.js'
import { renderScreen } from './render-screen.js'
import { emptyScreen, type ScreenEffect, type ScreenState } from './screen-state.js'
import { withAnswer, withCard, withEvent, withMessage } from './update-screen.js'

/** What a screen is run with. */
export interface RunScreenOptions {
  /** The agent that serves, anew after it was lost. */
  connect(): Promise<Agent>
  readonly streams: TerminalStreams
  readonly clock: Pick<Clock, 'now'>
  /** Ends it. */
  readonly signal: AbortSignal
  readonly colour: boolean
  /** Signs decisions, where a key was given. */
  readonly sign?: DecisionSigner | undefined
  /** How the commands that a card prints begin. */
  readonly program: 'janus agent' | 'ubos'
}

interface Session {
  readonly agent: Agent
  readonly watching: Watching
}

const REFRESH_MILLISECONDS = 1000

/** Shows the agent on a terminal until somebody quits or it is aborted, and decides what is decided there. The terminal is given back whatever happens. @returns how many decisions were made */
export async function runScreen(options: RunScreenOptions): Promise<{ readonly decisions: number }> {
  const { clock, signal, streams } = options
  const quitting = new AbortController()
  const ended = AbortSignal.any([signal, quitting.signal])
  const quit = (): void => quitting.abort()
  let state = emptyScreen(clock.now().getTime())
  let session: Session | undefined
  let decisions = 0
  let wake: () => void = () => undefined

  const show = (next: ScreenState): void => {
    state = next
    if (!ended.aborted) painter.paint(renderScreen(state, terminal.size()))
  }
  const perform = async (effect: ScreenEffect): Promise<void> => {
    if (effect.kind === 'quit') return quit()
    try {
      if (session === undefined) throw new Error('the agent is not connected')
      if (effect.kind === 'open') {
        const { record, card } = await session.agent.review({ proposal: effect.proposal, program: options.program })
        const { id, digest } = record.proposal
        return show(withCard(state, { proposal: id, digest, lines: card.split('\n') }, effect.next))
      }
      const answer = await decide(session.agent, effect, options.sign)
      decisions += 1
      show(withMessage(state, decidedLine(answer), false))
    } catch (error) {
      show(withMessage(state, textOf(error), true))
    }
    wake()
  }
  const terminal = openTerminal(streams, {
    onInput: (text) => {
      for (const key of parseKeys(text)) {
        const { state: next, effect } = pressKey(state, key)
        show(next)
        if (effect !== undefined) void perform(effect)
      }
    },
    onResize: () => {
      painter.forget()
      show(state)
    },
    onEnd: quit,
  })
  const painter = createPainter((text) => terminal.write(text), options)

  const refresh = async (): Promise<void> => {
    try {
      session ??= await open(options, {
        onRow: (row) => {
          show(withEvent(state, row))
          wake()
        },
        onEnd: () => {
          session = undefined
          wake()
        },
      })
      const answer = await readScreen(session.agent)
      show(withAnswer(state, answer, clock.now().getTime()))
    } catch (error) {
      await drop(session)
      session = undefined
      show({ ...state, now: clock.now().getTime(), lost: `${messageOf(error)}; trying again` })
    }
  }

  try {
    show(state)
    while (!ended.aborted) {
      await refresh()
      await Promise.race([
        new Promise<void>((resolve) => {
          wake = resolve
        }),
        delay(REFRESH_MILLISECONDS, undefined, { signal: ended }).catch(() => undefined),
      ])
    }
    return { decisions }
  } finally {
    terminal.restore()
    await drop(session)
  }
}

async function open(
  { connect }: RunScreenOptions,
  { onRow, onEnd }: { onRow(row: ProposalRow): void; onEnd(): void },
): Promise<Session> {
  const agent = await connect()
  try {
    const watching = await agent.watch({}, onRow)
    void watching.ended.then(onEnd)
    return { agent, watching }
  } catch (error) {
    await agent.close()
    throw error
  }
}

async function drop(session: Session | undefined): Promise<void> {
  session?.watching.close()
  await session?.agent.close()
}

async function decide(
  agent: Agent,
  effect: Extract<ScreenEffect, { kind: 'approve' | 'reject' }>,
  sign: DecisionSigner | undefined,
): Promise<DecisionAnswer> {
  const { proposal, digest } = effect
  if (effect.kind === 'approve') {
    const signed = await sign?.(agent, { proposal, digest, decision: 'approve', label: undefined })
    return agent.approve({ proposal, digest, ...(signed === undefined ? {} : { signed }) })
  }
  const { reason } = effect
  const signed = await sign?.(agent, { proposal, digest, decision: 'reject', reason, label: undefined })
  return agent.reject({ proposal, digest, reason, ...(signed === undefined ? {} : { signed }) })
}

function textOf(error: unknown): string {
  return isJanusError(error) ? `${error.message}. ${error.remedy}` : messageOf(error)
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : 'it failed'
}
