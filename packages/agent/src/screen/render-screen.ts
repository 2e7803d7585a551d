import { visibleLine } from '../review/visible-text.js'
import { fitText, padText } from './fit-text.js'
import { controlsLines, eventLine, pendingLine, permissionLine, runningLine, titleLine } from './screen-lines.js'
import type { ScreenState, ScreenView } from './screen-state.js'

/** Size of a terminal. */
export interface ScreenSize {
  readonly columns: number
  readonly rows: number
}

/** One line of the screen: text without anything that a terminal obeys, and how it is drawn. */
export interface ScreenLine {
  readonly text: string
  readonly style?: 'title' | 'heading' | 'selected' | 'alert'
}

const LEAST: ScreenSize = { columns: 40, rows: 10 }
/** Lines of the list that are no rows: title, permission, controls, headings, message, keys. */
const FIXED_LINES = 9

const HELP = [
  'up, down, k, j      choose a proposal; Page Up and Page Down by ten',
  'Enter               its review card: what would really run, and the digest',
  'a                   approve it: its card is shown, and the first 8 characters of',
  '                    the digest at its end are asked for',
  'r                   reject it: a reason is asked for, and stands on the record',
  'Escape              back; what was typed is dropped, nothing is decided',
  'q, Ctrl-C           quit',
  '',
  'A decision is yours: by your account, or with --key by the holder of the key.',
  'What is shown of a proposal was written by its author. Believe the card’s',
  'WHAT WOULD RUN, and nothing else.',
]

/**
 * The screen as it is to be drawn: exactly as many lines as there are rows, none wider than the terminal, and no character in it that a terminal would obey, whatever
 * the proposals hold.
 */
export function renderScreen(state: ScreenState, size: ScreenSize): readonly ScreenLine[] {
  const { columns, rows } = size
  if (columns < LEAST.columns || rows < LEAST.rows)
    return filled([{ text: `the terminal is smaller than ${LEAST.columns}x${LEAST.rows}` }], size)
  const body = bodyOf(state, { columns, rows: rows - 3 })
  const lines = filled(body, { columns, rows: rows - 3 })
  return [
    { text: padText(titleLine(state), columns), style: 'title' },
    ...lines,
    messageLine(state, columns),
    { text: fitText(keysLine(state.view), columns), style: 'heading' },
  ]
}

/** The same as text, for what is no terminal. */
export function screenText(state: ScreenState, size: ScreenSize): string {
  return renderScreen(state, size)
    .map(({ text }) => text.trimEnd())
    .join('\n')
}

function bodyOf(state: ScreenState, size: ScreenSize): readonly ScreenLine[] {
  const { view } = state
  switch (view.kind) {
    case 'help':
      return HELP.map((text) => ({ text: ` ${text}` }))
    case 'card':
      return cardLines(view, size.rows)
    case 'prompt': {
      const asked =
        view.decision === 'approve' ? 'Approve what is shown. The first 8 characters of its digest:' : 'Reject it. Why:'
      return [
        ...filled(cardLines(view, size.rows - 3), { ...size, rows: size.rows - 3 }),
        { text: '-'.repeat(size.columns) },
        { text: asked, style: 'heading' },
        { text: `> ${lastColumns(visibleLine(view.typed), size.columns - 4)}_` },
      ]
    }
    case 'list':
    case 'waiting':
      return listLines(state, size)
  }
}

function listLines(state: ScreenState, { rows }: ScreenSize): readonly ScreenLine[] {
  const { status, pending, running, events, selected, now } = state
  const permission = permissionLine(status)
  const room = rows + 3 - FIXED_LINES
  const runningRows = Math.min(Math.max(running.length, 1), Math.max(1, Math.floor(room / 4)))
  const eventRows = Math.min(Math.max(events.length, 1), Math.max(1, Math.floor(room / 4)))
  const pendingRows = Math.max(1, room - runningRows - eventRows)
  const chosen = pending.findIndex(({ id }) => id === selected)
  const first = Math.max(0, Math.min(chosen - Math.floor(pendingRows / 2), pending.length - pendingRows))
  const pendingShown = pending.slice(first, first + pendingRows)
  return [
    { text: permission.text, ...(permission.alert ? { style: 'alert' as const } : {}) },
    ...controlsLines(status?.controls).map((text) => ({ text })),
    heading('PENDING', pending.length, first, pendingShown.length),
    ...orNothing(
      pendingShown.map((row): ScreenLine => {
        const text = pendingLine(row, row.id === selected, now)
        return row.id === selected ? { text, style: 'selected' } : { text }
      }),
      '  nothing waits for a decision',
    ),
    heading('RUNNING', running.length, 0, Math.min(runningRows, running.length)),
    ...orNothing(
      running.slice(0, runningRows).map((row) => ({ text: runningLine(row, now) })),
      '  nothing runs',
    ),
    heading('LAST EVENTS', events.length, Math.max(0, events.length - eventRows), Math.min(eventRows, events.length)),
    ...orNothing(
      events.slice(-eventRows).map((event) => ({ text: eventLine(event) })),
      '  nothing has moved since this was opened',
    ),
  ]
}

function heading(title: string, count: number, first: number, shown: number): ScreenLine {
  const part = shown < count ? ` (${first + 1} to ${first + shown} of ${count})` : ` (${count})`
  return { text: `${title}${count === 0 ? '' : part}`, style: 'heading' }
}

function orNothing(lines: readonly ScreenLine[], nothing: string): readonly ScreenLine[] {
  return lines.length === 0 ? [{ text: nothing }] : lines
}

function cardLines(
  { card, top }: Extract<ScreenView, { kind: 'card' | 'prompt' }>,
  rows: number,
): readonly ScreenLine[] {
  const first = Math.max(0, Math.min(top, card.lines.length - rows))
  // The card is fit for a terminal already; a second pass changes nothing in it, and lets nothing through.
  return card.lines.slice(first, first + rows).map((line) => ({ text: visibleLine(line) }))
}

function messageLine({ message, lost, view }: ScreenState, columns: number): ScreenLine {
  if (view.kind === 'waiting') return { text: fitText(`asking: ${visibleLine(view.for)}`, columns) }
  if (message !== undefined)
    return { text: fitText(visibleLine(message.text), columns), ...(message.alert ? { style: 'alert' as const } : {}) }
  if (lost !== undefined) return { text: fitText(visibleLine(lost), columns), style: 'alert' }
  return { text: '' }
}

function keysLine({ kind }: ScreenView): string {
  switch (kind) {
    case 'list':
    case 'waiting':
      return 'up/down choose   Enter review   a approve   r reject   ? help   q quit'
    case 'card':
      return 'up/down scroll   End its digest   a approve   r reject   Escape back'
    case 'prompt':
      return 'up/down scroll   End its digest   Enter decide   Escape back, nothing decided'
    case 'help':
      return 'any key: back'
  }
}

/** Exactly so many rows. */
function filled(lines: readonly ScreenLine[], { columns, rows }: ScreenSize): readonly ScreenLine[] {
  const shown = lines
    .slice(0, Math.max(0, rows))
    .map(({ text, ...more }) => ({ text: fitText(text, columns), ...more }))
  return [...shown, ...Array.from({ length: Math.max(0, rows - shown.length) }, () => ({ text: '' }))]
}

function lastColumns(text: string, columns: number): string {
  const characters = [...text]
  while (characters.length > columns) characters.shift()
  return characters.join('')
}
