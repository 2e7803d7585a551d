import type { Janus, RunCommand } from '@janus/core'
import { EventEmitter } from 'eventemitter3'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { watchLongSteps } from '../src/long-steps.js'
import { text } from '../src/render/markup.js'
import { createStatusLine } from '../src/terminal/status-line.js'
import { createWaiting, type Task } from '../src/waiting.js'

const CHANGE: RunCommand = {
  kind: 'run-command',
  command: '/usr/sbin/update-initramfs\u001b[2J',
  args: ['-u'],
  timeout: 600_000,
  outputs: ['/boot/initrd.img'],
  scope: 'persistent',
  why: 'the image',
}
const STARTED = { transaction: 't-1', step: 3, phase: 'apply', change: CHANGE } as const

let events: Janus['events']
const said: string[] = []
const shown: string[] = []

beforeEach(() => {
  vi.useFakeTimers()
  events = new EventEmitter() as unknown as Janus['events']
  said.length = 0
  shown.length = 0
})
afterEach(() => {
  vi.useRealTimers()
})

describe('a step that takes long', () => {
  const watch = (isTerminal: boolean) => {
    const update = isTerminal ? (line: string) => shown.push(line) : undefined
    const waiting = createWaiting({ say: (line) => said.push(line), update })
    watchLongSteps(events, waiting)
    return waiting
  }

  it('is shown on a terminal with its time, each second in place of the last, and escaped', () => {
    watch(true)
    events.emit('transaction:step-started', STARTED)
    vi.advanceTimersByTime(999)
    expect(shown).toEqual([])
    vi.advanceTimersByTime(2_001)
    expect(shown).toHaveLength(3)
    expect(shown.at(-1)).toContain('running for 3 s: run')
    expect(shown.join('')).not.toContain('\u001b')
    expect(said).toEqual([])
  })

  it('is a line every ten seconds elsewhere', () => {
    watch(false)
    events.emit('transaction:step-started', { ...STARTED, phase: 'undo' })
    vi.advanceTimersByTime(25_000)
    expect(said.map((line) => line.slice(0, 24))).toEqual(['    undoing for 10 s: ru', '    undoing for 20 s: ru'])
  })

  it('is told of no longer once it has ended, or is being undone, or the next has begun', () => {
    watch(true)
    const ends = [
      () => events.emit('transaction:step', { ...STARTED, outcome: 'done' }),
      () => events.emit('transaction:undoing', { transaction: 't-1', because: 'it failed' }),
      () => events.emit('transaction:ended', { transaction: 't-1', outcome: 'applied' }),
    ]
    for (const end of ends) {
      events.emit('transaction:step-started', STARTED)
      end()
      vi.advanceTimersByTime(5_000)
    }
    expect(shown).toEqual([])
    events.emit('transaction:step-started', STARTED)
    vi.advanceTimersByTime(900)
    events.emit('transaction:step-started', STARTED)
    vi.advanceTimersByTime(900)
    expect(shown).toEqual([])
  })
})

describe('a command that takes long', () => {
  const work: Task = { isLogged: false, describe: (seconds) => text`janus check: running for ${seconds} s` }
  it('is shown on a terminal after a second, and until it ends', () => {
    const waiting = createWaiting({ say: (line) => said.push(line), update: (line) => shown.push(line) })
    waiting.command(work)
    vi.advanceTimersByTime(2_500)
    waiting.command(undefined)
    vi.advanceTimersByTime(5_000)
    expect(shown).toEqual(['janus check: running for 1 s', 'janus check: running for 2 s'])
    expect(said).toEqual([])
  })

  it('is never told of elsewhere', () => {
    createWaiting({ say: (line) => said.push(line), update: undefined }).command(work)
    vi.advanceTimersByTime(60_000)
    expect(said).toEqual([])
  })

  it('makes room for its step, and comes back with the whole of its time', () => {
    const waiting = createWaiting({ say: (line) => said.push(line), update: (line) => shown.push(line) })
    watchLongSteps(events, waiting)
    waiting.command(work)
    events.emit('transaction:step-started', STARTED)
    vi.advanceTimersByTime(2_000)
    events.emit('transaction:step', { ...STARTED, outcome: 'done' })
    vi.advanceTimersByTime(1_000)
    expect(shown.map((line) => line.trim().slice(0, 24))).toEqual([
      "running for 1 s: run '/u",
      "running for 2 s: run '/u",
      'janus check: running for',
    ])
    expect(shown.at(-1)).toBe('janus check: running for 3 s')
  })
})

describe('the status line', () => {
  const written: string[] = []
  const output = {
    async write(text: string) {
      written.push(text)
      return true
    },
  }
  beforeEach(() => {
    written.length = 0
  })

  it('is written over and taken away once', () => {
    const line = createStatusLine(output, { isTTY: true, columns: 10 }, {})
    line.clear()
    line.update?.('a text that is too long')
    line.update?.('short')
    line.clear()
    line.clear()
    expect(written).toEqual(['\r\u001b[Ka text th', '\r\u001b[Kshort', '\r\u001b[K'])
  })

  it('is cut by what a terminal shows, between whole characters', () => {
    const line = createStatusLine(output, { isTTY: true, columns: 10 }, {})
    line.update?.('/srv/データ/x')
    line.update?.('12345678🎮🎮')
    expect(written).toEqual(['\r\u001b[K/srv/デー', '\r\u001b[K12345678'])
  })

  it('is as wide as usual where the terminal does not know its size', () => {
    createStatusLine(output, { isTTY: true, columns: 0 }, {}).update?.('short')
    expect(written).toEqual(['\r\u001b[Kshort'])
  })

  it('is not there where the stream is no terminal, or a dumb one', () => {
    expect(createStatusLine(output, {}, {}).update).toBeUndefined()
    expect(createStatusLine(output, { isTTY: true }, { TERM: 'dumb' }).update).toBeUndefined()
  })
})
