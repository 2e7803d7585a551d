import type { Key } from './parse-keys.js'
import type { ScreenEffect, ScreenState, ScreenView } from './screen-state.js'

/** A state and what is to be done besides. */
export interface Pressed {
  readonly state: ScreenState
  readonly effect?: ScreenEffect
}

/** Characters of the digest that are asked for, as the command asks for them. */
const LEAST_DIGEST = 8
const DIGEST_TEXT = /^[0-9a-f]{8,64}$/
const MOST_TYPED = 500
const PAGE = 10

/** What a key does. Nothing is decided by one key alone: approving asks for the digest of the card, rejecting for a reason. */
export function pressKey(state: ScreenState, key: Key): Pressed {
  if (key.name === 'interrupt') return { state, effect: { kind: 'quit' } }
  const { view } = state
  switch (view.kind) {
    case 'waiting':
      return { state }
    case 'help':
      return { state: { ...state, view: { kind: 'list' } } }
    case 'card':
      return inCard(state, view, key)
    case 'prompt':
      return inPrompt(state, view, key)
    case 'list':
      return inList(state, key)
  }
}

function inList(state: ScreenState, key: Key): Pressed {
  const cleared = { ...state, message: undefined }
  switch (key.name) {
    case 'up':
      return { state: moved(cleared, -1) }
    case 'down':
      return { state: moved(cleared, 1) }
    case 'page-up':
      return { state: moved(cleared, -PAGE) }
    case 'page-down':
      return { state: moved(cleared, PAGE) }
    case 'enter':
      return open(cleared, 'read')
    case 'text':
      return byLetter(cleared, key.text)
    default:
      return { state: cleared }
  }
}

function byLetter(state: ScreenState, letter: string): Pressed {
  switch (letter) {
    case 'q':
      return { state, effect: { kind: 'quit' } }
    case '?':
      return { state: { ...state, view: { kind: 'help' } } }
    case 'k':
      return { state: moved(state, -1) }
    case 'j':
      return { state: moved(state, 1) }
    case 'a':
      return open(state, 'approve')
    case 'r':
      return open(state, 'reject')
    default:
      return { state }
  }
}

function inCard(state: ScreenState, view: Extract<ScreenView, { kind: 'card' }>, key: Key): Pressed {
  const top = scrolled(view, key)
  if (top !== undefined) return { state: { ...state, view: { ...view, top } } }
  const letter = key.name === 'text' ? key.text : ''
  if (letter === 'a' || letter === 'r') {
    const decision = letter === 'a' ? 'approve' : 'reject'
    return { state: { ...state, view: { ...view, kind: 'prompt', decision, typed: '' }, message: undefined } }
  }
  if (key.name === 'escape' || key.name === 'enter' || letter === 'q')
    return { state: { ...state, view: { kind: 'list' }, message: undefined } }
  return { state }
}

function inPrompt(state: ScreenState, view: Extract<ScreenView, { kind: 'prompt' }>, key: Key): Pressed {
  const top = scrolled(view, key)
  if (top !== undefined) return { state: { ...state, view: { ...view, top } } }
  switch (key.name) {
    case 'escape':
      return { state: { ...state, view: { kind: 'list' }, message: { text: 'nothing was decided', alert: false } } }
    case 'backspace':
      return {
        state: { ...state, view: { ...view, typed: [...view.typed].slice(0, -1).join('') }, message: undefined },
      }
    case 'text':
      return {
        state: { ...state, view: { ...view, typed: (view.typed + key.text).slice(0, MOST_TYPED) }, message: undefined },
      }
    case 'enter':
      return decide(state, view)
    default:
      return { state }
  }
}

function decide(state: ScreenState, { decision, card, typed }: Extract<ScreenView, { kind: 'prompt' }>): Pressed {
  const { proposal, digest } = card
  const waiting: ScreenState = {
    ...state,
    view: { kind: 'waiting', for: `${decision} ${proposal}` },
    message: undefined,
  }
  if (decision === 'reject') {
    const reason = typed.trim()
    if (reason === '') return refused(state, 'a reason is needed: whoever reads the record asks why')
    return { state: waiting, effect: { kind: 'reject', proposal, digest, reason } }
  }
  const read = typed.trim().toLowerCase()
  if (!DIGEST_TEXT.test(read) || !digest.startsWith(read))
    return refused(
      state,
      `these are not the first ${LEAST_DIGEST} characters of the digest of this card, or more of them`,
    )
  return { state: waiting, effect: { kind: 'approve', proposal, digest } }
}

function refused(state: ScreenState, text: string): Pressed {
  return { state: { ...state, message: { text, alert: true } } }
}

function open(state: ScreenState, next: 'read' | 'approve' | 'reject'): Pressed {
  const { selected } = state
  if (selected === undefined)
    return { state: { ...state, message: { text: 'nothing waits for a decision', alert: false } } }
  return {
    state: { ...state, view: { kind: 'waiting', for: `the review of ${selected}` } },
    effect: { kind: 'open', proposal: selected, next },
  }
}

function moved(state: ScreenState, by: number): ScreenState {
  const { pending, selected } = state
  const place = pending.findIndex(({ id }) => id === selected)
  const next = Math.min(Math.max(place + by, 0), pending.length - 1)
  return { ...state, selected: pending[next]?.id }
}

/** The first line that is shown then; undefined for a key that does not scroll. */
function scrolled(
  { card, top }: { readonly card: { readonly lines: readonly string[] }; readonly top: number },
  { name }: Key,
): number | undefined {
  const steps: Partial<Record<Key['name'], number>> = {
    up: -1,
    down: 1,
    'page-up': -PAGE,
    'page-down': PAGE,
    home: -card.lines.length,
    end: card.lines.length,
  }
  const by = steps[name]
  return by === undefined ? undefined : Math.min(Math.max(top + by, 0), Math.max(0, card.lines.length - 1))
}
