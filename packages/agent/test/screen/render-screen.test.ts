import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { columnsOf, fitText } from '../../src/screen/fit-text.js'
import { createPainter } from '../../src/screen/paint-frame.js'
import { renderScreen, screenText } from '../../src/screen/render-screen.js'
import { ageText } from '../../src/screen/screen-lines.js'
import { emptyScreen, type ScreenState } from '../../src/screen/screen-state.js'
import { withAnswer, withCard, withEvent, withMessage } from '../../src/screen/update-screen.js'
import { NOW, sampleRow, sampleScreen, sampleStatus } from '../support/screen-samples.js'

const SIZE = { columns: 80, rows: 24 }
const card = {
  proposal: 'janus-000000000001',
  digest: '1'.repeat(64),
  lines: Array.from({ length: 60 }, (_, line) => `line ${line}`),
}

describe('the screen', () => {
  test('shows on 80 columns and 24 rows who it is, what waits, what runs, the controls and the last events', () => {
    expect(screenText(sampleScreen(), SIZE)).toMatchSnapshot()
  })

  test('shows what holds the agent back, and that nothing waits', () => {
    const { permission } = sampleStatus()
    const restrictions = [{ rule: 'emergency', because: '/srv/janus/EMERGENCY_STOP is there' }]
    const status = sampleStatus({ permission: { ...permission, restrictions } })
    const { controls: _, ...bare } = status
    const state = withAnswer(emptyScreen(NOW), { status: bare, pending: [], running: [] }, NOW)
    expect(screenText(state, SIZE)).toMatchSnapshot()
    expect(renderScreen(state, SIZE)[1]?.style).toBe('alert')
  })

  test('asks for the digest below the card that it belongs to', () => {
    const state = withCard(sampleScreen(), card, 'approve')
    expect(
      screenText({ ...state, view: { ...state.view, typed: '1111' } as ScreenState['view'] }, SIZE),
    ).toMatchSnapshot()
  })

  test('tells its keys', () => {
    expect(screenText({ ...sampleScreen(), view: { kind: 'help' } }, SIZE)).toMatchSnapshot()
  })

  test('before the first answer, and when the agent is gone, says that', () => {
    expect(screenText(emptyScreen(NOW), SIZE)).toContain('asking')
    const lost = screenText({ ...sampleScreen(), lost: 'no agent is running here' }, SIZE)
    expect(lost).toContain('NOT CONNECTED')
    expect(lost).toContain('no agent is running here')
  })

  test('keeps what is chosen in view among more proposals than fit', () => {
    const pending = Array.from({ length: 500 }, (_, number) => sampleRow(499 - number))
    const state = {
      ...withAnswer(emptyScreen(NOW), { status: sampleStatus(), pending, running: [] }, NOW),
      selected: sampleRow(300).id,
    }
    const text = screenText(state, SIZE)
    expect(text).toContain(`> ${sampleRow(300).id}`)
    expect(text).toMatch(/PENDING \(\d+ to \d+ of 500\)/)
  })

  test('scrolls a card to its end and no further', () => {
    const state = withCard(sampleScreen(), card, 'read')
    const at = (top: number) => screenText({ ...state, view: { kind: 'card', card, top } }, SIZE)
    expect(at(0)).toContain('line 0\n')
    expect(at(59)).toContain('line 59')
    expect(at(59)).toContain('line 40')
  })
})

/** What no line may hold: anything that a terminal obeys, hides or misplaces. */
const OBEYED = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u
const HOSTILE = [
  '\u001b[2J\u001b[H',
  '\u001b]52;c;AAAA\u0007',
  '\u009b31m',
  '\r> janus-0 low',
  'line\nAPPROVED',
  '\u202e\u2066\u200b\u00ad',
  'e\u0301\u0301\u0301\u0301\u0301\u0301',
  '\u6f22\u5b57'.repeat(40),
  '\ud83d\udca9'.repeat(30),
  'x'.repeat(5000),
]

describe('attack 13: deceptive text on the screen', () => {
  test('whatever proposals, events, restrictions, cards, messages and typed text hold, no character of it is obeyed, and no line is too wide', () => {
    const text = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom(...HOSTILE), fc.string())
    const row = fc
      .record({
        source: text,
        rationale: text,
        actionType: text,
        reason: fc.record({ text }),
        updatedAt: text,
        createdAt: text,
      })
      .map((more) => sampleRow(7, more))
    const size = fc.record({ columns: fc.integer({ min: 1, max: 200 }), rows: fc.integer({ min: 1, max: 60 }) })
    fc.assert(
      fc.property(fc.array(row, { maxLength: 5 }), text, size, fc.nat(5), (rows, other, at, view) => {
        const { permission } = sampleStatus()
        const status = sampleStatus({
          vesselId: other,
          permission: { ...permission, restrictions: [{ rule: other, because: other }] },
        })
        let state = withAnswer(emptyScreen(NOW), { status, pending: rows, running: rows }, NOW)
        for (const each of rows) state = withEvent(state, each)
        const hostileCard = { proposal: other, digest: 'd', lines: [other] }
        const views: readonly ScreenState[] = [
          state,
          withCard(state, hostileCard, 'read'),
          { ...state, view: { kind: 'prompt', decision: 'reject', card: hostileCard, top: 0, typed: other } },
          withMessage(state, other, true),
          { ...state, lost: other },
          { ...state, view: { kind: 'waiting', for: other } },
        ]
        const frame = renderScreen(views[view] ?? state, at)
        expect(frame).toHaveLength(at.rows)
        for (const line of frame) {
          expect(line.text).not.toMatch(OBEYED)
          expect(columnsOf(line.text)).toBeLessThanOrEqual(at.columns)
        }
      }),
    )
  })
})

describe('drawing', () => {
  test('what did not change is not written again', () => {
    const written: string[] = []
    const painter = createPainter((text) => written.push(text), { colour: true })
    painter.paint([{ text: 'one' }, { text: 'two' }])
    painter.paint([{ text: 'one' }, { text: 'three' }])
    painter.paint([{ text: 'one' }, { text: 'three' }])
    expect(written).toHaveLength(2)
    expect(written[1]).toContain('three')
    expect(written[1]).not.toContain('one')
    painter.forget()
    painter.paint([{ text: 'one' }, { text: 'three' }])
    expect(written[2]).toContain('\u001b[2J')
    expect(written[2]).toContain('one')
  })

  test('without colour no attribute is set', () => {
    const written: string[] = []
    createPainter((text) => written.push(text), { colour: false }).paint(renderScreen(sampleScreen(), SIZE))
    expect(written.join('').replaceAll('\u001b', 'ESC')).not.toMatch(/ESC\[[\d;]*m/)
  })

  test('text is cut to columns, wide letters counted as two', () => {
    expect(fitText('abcdef', 5)).toBe('ab...')
    expect(fitText('\u6f22\u5b57\u6f22', 5)).toBe('\u6f22...')
    expect(fitText('abc', 2)).toBe('..')
    expect(ageText('2026-03-01T12:10:00.000Z', NOW)).toBe('5s')
    expect(ageText('2026-02-01T12:10:00.000Z', NOW)).toBe('28d')
    expect(ageText('\u001b', NOW)).toBe('?')
  })
})
