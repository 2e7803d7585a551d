import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseKeys } from '../../src/screen/parse-keys.js'
import { pressKey } from '../../src/screen/press-key.js'
import type { ScreenEffect, ScreenState } from '../../src/screen/screen-state.js'
import { withAnswer, withCard, withMessage } from '../../src/screen/update-screen.js'
import { NOW, sampleRow, sampleScreen, sampleStatus } from '../support/screen-samples.js'

const DIGEST = `1a2b3c4d${'0'.repeat(56)}`
const card = {
  proposal: sampleRow(1).id,
  digest: DIGEST,
  lines: Array.from({ length: 60 }, (_, line) => `line ${line}`),
}

/** Everything that typing this does. */
function typed(
  state: ScreenState,
  input: string,
): { readonly state: ScreenState; readonly effects: readonly ScreenEffect[] } {
  const effects: ScreenEffect[] = []
  let now = state
  for (const key of parseKeys(input)) {
    const pressed = pressKey(now, key)
    now = pressed.state
    if (pressed.effect !== undefined) effects.push(pressed.effect)
  }
  return { state: now, effects }
}

describe('keys', () => {
  test('arrows and letters choose, at the ends they stay', () => {
    const start = sampleScreen()
    expect(start.selected).toBe(sampleRow(1).id)
    expect(typed(start, '\u001b[B').state.selected).toBe(sampleRow(2).id)
    expect(typed(start, 'jjjjj').state.selected).toBe(sampleRow(3).id)
    expect(typed(start, 'jjk\u001bOA\u001b[5~').state.selected).toBe(sampleRow(1).id)
  })

  test('Enter opens the review card of what is chosen, and nothing counts until it is there', () => {
    const { state, effects } = typed(sampleScreen(), '\rarq1a2b3c4d\r')
    expect(effects).toEqual([{ kind: 'open', proposal: sampleRow(1).id, next: 'read' }])
    expect(state.view.kind).toBe('waiting')
    expect(typed(state, '\u0003').effects).toEqual([{ kind: 'quit' }])
  })

  test('approving opens the card and takes the first eight characters of its digest, or more', () => {
    expect(typed(sampleScreen(), 'a').effects).toEqual([{ kind: 'open', proposal: sampleRow(1).id, next: 'approve' }])
    const prompt = withCard(sampleScreen(), card, 'approve')
    const approved = [{ kind: 'approve', proposal: card.proposal, digest: DIGEST }]
    expect(typed(prompt, '1a2b3c4d\r').effects).toEqual(approved)
    expect(typed(prompt, `${DIGEST}\r`).effects).toEqual(approved)
    expect(typed(prompt, '1A2B3C4DX\u007f\r').effects).toEqual(approved)
  })

  test.each([
    '\r',
    'y\r',
    'yes\r',
    '1a2b3c4\r',
    '1a2b3c4e\r',
    '1a2b3c4d1\r',
    `${DIGEST}0\r`,
    '1a2b 3c4d\r',
    '1a2b3c4d',
  ])('typing %j approves nothing', (input) => {
    const { effects, state } = typed(withCard(sampleScreen(), card, 'approve'), input)
    expect(effects).toEqual([])
    expect(state.view.kind).toBe('prompt')
  })

  test('rejecting takes a reason, and an empty one is none', () => {
    const prompt = withCard(sampleScreen(), card, 'reject')
    expect(typed(prompt, '  \r').effects).toEqual([])
    expect(typed(prompt, '  \r').state.message?.alert).toBe(true)
    expect(typed(prompt, 'No quorum, q and a \r').effects).toEqual([
      { kind: 'reject', proposal: card.proposal, digest: DIGEST, reason: 'No quorum, q and a' },
    ])
  })

  test('Escape drops what was typed and decides nothing', () => {
    const { state, effects } = typed(withCard(sampleScreen(), card, 'approve'), '1a2b3c4d\u001b')
    expect(effects).toEqual([])
    expect(state.view).toEqual({ kind: 'list' })
    expect(state.message?.text).toBe('nothing was decided')
  })

  test('a card scrolls, also while it is asked about, and leads to a decision or back', () => {
    const open = withCard(sampleScreen(), card, 'read')
    expect(typed(open, '\u001b[6~\u001b[B').state.view).toMatchObject({ top: 11 })
    expect(typed(open, '\u001b[F').state.view).toMatchObject({ top: 59 })
    expect(typed(open, '\u001b[F\u001b[H').state.view).toMatchObject({ top: 0 })
    expect(typed(open, 'a\u001b[6~1a2b').state.view).toMatchObject({ kind: 'prompt', top: 10, typed: '1a2b' })
    expect(typed(open, 'q').state.view).toEqual({ kind: 'list' })
    expect(typed(open, 'q').effects).toEqual([])
  })

  test('help is left by any key, q and Ctrl-C quit', () => {
    expect(typed(sampleScreen(), '?').state.view).toEqual({ kind: 'help' })
    expect(typed(sampleScreen(), '?q').effects).toEqual([])
    expect(typed(sampleScreen(), '?qq').effects).toEqual([{ kind: 'quit' }])
    expect(typed(sampleScreen(), '\u0003').effects).toEqual([{ kind: 'quit' }])
  })

  test('where nothing waits, nothing is opened', () => {
    const empty = withAnswer(sampleScreen(), { status: sampleStatus(), pending: [], running: [] }, NOW)
    expect(typed(empty, 'ar\r\u001b[B').effects).toEqual([])
  })

  test('what is chosen stays chosen while others come and go; when it goes, what came into its place is', () => {
    const chosen = typed(sampleScreen(), 'j').state
    const answer = (numbers: readonly number[]) => ({
      status: sampleStatus(),
      pending: numbers.map((number) => sampleRow(number)),
      running: [],
    })
    expect(withAnswer(chosen, answer([5, 4, 3, 2, 1]), NOW).selected).toBe(sampleRow(2).id)
    expect(withAnswer(chosen, answer([5, 4, 3, 1]), NOW).selected).toBe(sampleRow(3).id)
    expect(withAnswer(chosen, answer([1]), NOW).selected).toBe(sampleRow(1).id)
    expect(withAnswer(chosen, answer([]), NOW).selected).toBeUndefined()
  })

  test('sequences of keys that mean nothing here write nothing and are no commands', () => {
    expect(parseKeys('\u001b[1;5A\u001b[200~\u001b[15~\u001bOP\u0001\u0000\u202e')).toEqual([])
    expect(parseKeys('\u001b')).toEqual([{ name: 'escape', text: '' }])
    expect(parseKeys('a\u6f22')).toEqual([
      { name: 'text', text: 'a' },
      { name: 'text', text: '\u6f22' },
    ])
  })

  test('whatever is typed, nothing is approved but by the digest of the card that is shown', () => {
    const input = fc.oneof(
      fc.string(),
      fc.string({ unit: 'binary' }),
      fc.constantFrom('\r', 'a', 'r', 'y', '1a2b3c4', '\u001b[B', '\u001b'),
    )
    fc.assert(
      fc.property(fc.array(input, { maxLength: 20 }), (pieces) => {
        const all = pieces.join('')
        fc.pre(!all.toLowerCase().includes('1a2b3c4d'))
        for (const start of [
          sampleScreen(),
          withCard(sampleScreen(), card, 'read'),
          withMessage(sampleScreen(), 'x', true),
        ])
          expect(typed(start, all).effects.filter(({ kind }) => kind === 'approve')).toEqual([])
      }),
    )
  })
})
