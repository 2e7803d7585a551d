import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { ValueKind } from '../../src/command-line/command-spec.js'
import { answerFor, type ValueSources } from '../../src/completion/answer.js'
import { answerLines } from '../../src/completion/answer-lines.js'
import { type Candidate, expectedWord } from '../../src/completion/expected-word.js'
import { vocabulary } from '../../src/completion/vocabulary.js'

const WORDS = vocabulary([], [])
const HOSTILE = [
  '$(touch x)',
  '`touch x`',
  'a;b',
  'a b',
  'a\nb',
  '-rf',
  '~',
  '*',
  "a'b",
  'a\\b',
  '=ls',
  'a\tb',
  ':files',
]

describe('what a shell is told', () => {
  test('are the values that begin as the word does, those that were given left out, and the option before them', async () => {
    const devices = ['0000:03:00.0', '0000:03:00.1', '0000:04:00.0']
    expect(await told(['bind', '--device', '0000:03:00.0', '0000:03'], devices)).toBe('0000:03:00.1\tit\n')
    expect(await told(['bind', '--device=0000:04'], devices)).toBe('--device=0000:04:00.0\tit\n')
  })

  test('are the options of a module, then their values', async () => {
    expect(await told(['bind', '-o', ''])).toBe('devices=\tof them\ndriver=\twhich\nmode=\t\n')
    expect(await told(['bind', '-o', 'devices=00'], ['0000:03:00.0'])).toBe('devices=0000:03:00.0\tit\n')
    expect(await told(['bind', '-o', 'mode=o'])).toBe('mode=on\t\nmode=off\t\n')
    expect(await told(['bind', '-o', 'driver='])).toBe('')
    expect(await told(['bind', '-o', 'none='])).toBe('')
  })

  test('is that paths belong there too, of which ends, and what stands before them', async () => {
    expect(await told(['plan', 'm', '--out=x'])).toBe(':files\t--out=\t\n')
    expect(await told(['apply', ''], ['m'])).toBe('m\tit\n:files\t\tjson\n')
    expect(await told(['profile', 'show', ''])).toBe(':files\t\tyaml,yml,json\n')
    expect(await told(['module', 'add', ''])).toBe(':directories\t\t\n')
  })

  test.each(HOSTILE)('is never the value %j', async (value) => {
    expect(await told(['module', 'show', ''], [value, 'fan-curve'])).toBe('fan-curve\tit\n')
    expect(await told(['check', value, '-o', ''], [value])).toBe('')
  })

  test('holds nothing that a shell reads, whatever names and summaries a machine has', async () => {
    const text = fc.oneof(fc.string({ unit: 'binary' }), fc.string(), fc.constantFrom(...HOSTILE))
    await fc.assert(
      fc.asyncProperty(fc.array(fc.record({ word: text, summary: text })), text, async (values, current) => {
        const lines = (await toldOf(['module', 'show', current], values)).split('\n')
        expect(lines.pop()).toBe('')
        for (const line of lines) expect(line).toMatch(/^-?-?[A-Za-z0-9][\w.:=@,+/-]*\t[^\p{C}\p{Zl}\p{Zp}]*$/u)
      }),
    )
  })
})

function told(words: readonly string[], values: readonly string[] = []): Promise<string> {
  return toldOf(
    words,
    values.map((word) => ({ word, summary: 'it' })),
  )
}

async function toldOf(words: readonly string[], values: readonly Candidate[]): Promise<string> {
  const sources: ValueSources = {
    machine: async (kind: ValueKind) => (['device', 'module'].includes(String(kind)) ? values : []),
    moduleOptions: (id) =>
      id === 'gpu-vfio'
        ? [
            { name: 'devices', summary: 'of them', values: 'device' },
            { name: 'driver', summary: 'which' },
            { name: 'mode', summary: '', values: ['on', 'off'] },
          ]
        : [],
  }
  return answerLines(await answerFor(expectedWord(WORDS, words), sources))
}
