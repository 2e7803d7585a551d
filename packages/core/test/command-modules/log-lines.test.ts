import { createMemoryLogger } from '@janus/core/testing'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { logOutput, outputLines } from '../../src/command-modules/log-lines.js'
import { readMeta } from '../../src/command-modules/read-meta.js'

describe('what a program writes', () => {
  it('is split into lines of the log, without colours, and others', () => {
    const output =
      '\u001b[0;34m[INFO]\u001b[0m [a] hello\r\n\n[OK]\tdone\n[WARNING] old\n[TRACE] what\n[ERROR]\nplain [INFO]\n'
    expect(outputLines(output)).toEqual([
      { level: 'INFO', message: '[a] hello' },
      { level: 'OK', message: 'done' },
      { level: 'WARN', message: 'old' },
      { message: '[TRACE] what' },
      { level: 'ERROR', message: 'ERROR' },
      { message: 'plain [INFO]' },
    ])
  })

  it('reaches the logger line by line, each at its level', () => {
    const log = createMemoryLogger()
    logOutput(log, outputLines('[DEBUG] a\n[INFO] b\n[OK] c\n[WARN] d\n[ERROR] e\n[CRITICAL] f\ng'))
    expect(log.entries.map(({ level, message }) => `${level} ${message}`)).toEqual([
      'debug a',
      'info b',
      'info c',
      'warn d',
      'error e',
      'error f',
      'debug g',
    ])
  })

  it('holds no control character afterwards, and is bounded', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
        for (const { message } of outputLines(`\u001b]0;title\u0007\u009b31m${text}`)) {
          expect(message).not.toMatch(/\p{Cc}/u)
          expect(message).not.toBe('')
        }
      }),
    )
    expect(outputLines('x'.repeat(1_000_000))).toEqual([{ message: 'x'.repeat(2_000) }])
    const many = outputLines(Array.from({ length: 50_000 }, (_, index) => index).join('\n'))
    expect([many.length, many.at(0)?.message, many.at(-1)?.message]).toEqual([10_000, '0', '49999'])
  })
})

describe('the answer to meta', () => {
  it('is read from among coloured log lines and unknown keys', () => {
    const output =
      '\u001b[0;34m[INFO]\u001b[0m id=not-this\nid=fan-curve\r\ntype=host\n\u001b[1mversion=1.0.0\u001b[0m\nauthor=me\npath=/x\ncompat_api=1\nbye'
    expect(readMeta(output)).toEqual({ id: 'fan-curve', type: 'host', version: '1.0.0', compatApi: '1', functions: [] })
  })

  it('contradicts itself only when a key has two values', () => {
    expect(readMeta('id=a\nid=a').contradiction).toBeUndefined()
    expect(readMeta('id=a\nid=b')).toEqual({ id: 'a', functions: [], contradiction: 'id' })
  })

  it('never throws, whatever a program answers', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => void readMeta(`id=${text}\n__proto__=1\nconstructor=2`)),
    )
  })
})
