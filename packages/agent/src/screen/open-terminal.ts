import type { ReadStream, WriteStream } from 'node:tty'
import { janusError } from '@janus/core'
import type { ScreenSize } from './render-screen.js'

/** A terminal that a screen is drawn on. */
export interface ScreenTerminal {
  size(): ScreenSize
  write(text: string): void
  /** Gives the terminal back as it was. Safe to call twice. */
  restore(): void
}

/** Who is told of what happens at a terminal. */
export interface TerminalEvents {
  onInput(text: string): void
  onResize(): void
  /** The other end is gone. */
  onEnd(): void
}

/** Input and output of this process. */
export interface TerminalStreams {
  readonly input: Pick<ReadStream, 'isTTY' | 'setRawMode' | 'on' | 'off' | 'resume' | 'pause' | 'setEncoding'>
  readonly output: Pick<WriteStream, 'isTTY' | 'columns' | 'rows' | 'write' | 'on' | 'off'>
}

const ESCAPE = '\u001b['
/** The other screen, so that what was there is there again afterwards; no cursor. */
const ENTER = `${ESCAPE}?1049h${ESCAPE}?25l`
const LEAVE = `${ESCAPE}0m${ESCAPE}?25h${ESCAPE}?1049l`
const USUAL: ScreenSize = { columns: 80, rows: 24 }

/** Throws where there is no terminal to draw on. @throws JANUS_USAGE with what to do instead */
export function requireTerminal({ input, output }: TerminalStreams, term: string | undefined): void {
  if (input.isTTY === true && output.isTTY === true && term !== 'dumb') return
  throw janusError('JANUS_USAGE', 'a screen needs a terminal for its keys and its lines', {
    remedy: 'Use `janus agent watch --once` for one picture as text, `janus agent proposals watch` for what moves.',
  })
}

/** Takes the terminal: raw keys, the other screen. It is given back by `restore`, and when the process ends or crashes. */
export function openTerminal({ input, output }: TerminalStreams, events: TerminalEvents): ScreenTerminal {
  const onData = (text: string): void => events.onInput(text)
  let restored = false
  const restore = (): void => {
    if (restored) return
    restored = true
    process.off('exit', restore)
    input.off('data', onData)
    input.off('end', events.onEnd)
    output.off('resize', events.onResize)
    input.setRawMode(false)
    input.pause()
    output.write(LEAVE)
  }
  // Also at a crash, before it is printed: on the other screen it would be lost.
  process.once('exit', restore)
  output.write(ENTER)
  input.setRawMode(true)
  input.setEncoding('utf8')
  input.on('data', onData)
  input.on('end', events.onEnd)
  output.on('resize', events.onResize)
  input.resume()
  return {
    size: () => ({ columns: output.columns || USUAL.columns, rows: output.rows || USUAL.rows }),
    write: (text) => output.write(text),
    restore,
  }
}
