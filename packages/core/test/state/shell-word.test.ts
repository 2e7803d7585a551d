import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { shellWord } from '../../src/state/shell-word.js'

const run = promisify(execFile)

test('a plain path is left as it is', () => {
  expect(shellWord('/var/lib/janus/journal-0001.jsonl')).toBe('/var/lib/janus/journal-0001.jsonl')
})

test('any text is one word of a shell, and nothing in it is obeyed', async () => {
  const texts = ['', "it's", 'a b', '$(touch pasted)', '`id`', ';', 'a\nb', '*', '~', '!!', '"', '\\']
  const random = fc.sample(fc.string({ unit: 'grapheme' }), { numRuns: 200, seed: 7 })
  const words = [...texts, ...random.map((text) => text.replaceAll('\0', ''))]
  const { stdout } = await run('sh', ['-c', `printf '%s\\0' ${words.map(shellWord).join(' ')}`])
  expect(stdout.split('\0').slice(0, -1)).toEqual(words)
})
