import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseCommandLine } from '../../src/tools/command-line.js'

describe('a command line', () => {
  test.each([
    ['ls', ['ls']],
    ['  ls   -l\ta  ', ['ls', '-l', 'a']],
    [`grep 'a b' "c d"`, ['grep', 'a b', 'c d']],
    [`echo 'a;b$(id)|c' x"y"'z'`, ['echo', 'a;b$(id)|c', 'xyz']],
    [`echo ''`, ['echo', '']],
    ['echo a=b c,d @e %f +g :h', ['echo', 'a=b', 'c,d', '@e', '%f', '+g', ':h']],
  ])('%s is split into its words', (line, words) => {
    expect(parseCommandLine(line)).toEqual({ ok: true, words })
  })

  test.each([
    'ls; id',
    'ls && id',
    'ls | id',
    'ls & id',
    'ls > x',
    'ls < x',
    'ls `id`',
    'ls $(id)',
    'ls $HOME',
    'ls "$HOME"',
    'ls "`id`"',
    'ls *',
    'ls ?',
    'ls [a]',
    'ls {a,b}',
    'ls ~',
    'ls \\x',
    'ls\nid',
    'ls\rid',
    'ls # x',
    'ls !x',
    '(ls)',
    "ls 'a",
    'ls "a',
    'X=1 ls',
    '',
    '   ',
    "''",
    'ls \u0007',
    'x'.repeat(70_000),
  ])('%j is more than one simple command', (line) => {
    expect(parseCommandLine(line)).toMatchObject({ ok: false })
  })

  test('means to a shell what it means here', async () => {
    const word = fc.oneof(
      fc.stringMatching(/^[A-Za-z0-9_.,:@%+/-]{1,8}$/),
      fc.string({ unit: 'grapheme-ascii', maxLength: 8 }).map((text) => `'${text.replaceAll("'", '')}'`),
      fc.stringMatching(/^[A-Za-z0-9 ;|&<>()*?#~'-]{0,8}$/).map((text) => `"${text}"`),
    )
    const lines = fc.sample(
      fc.array(word, { minLength: 1, maxLength: 4 }).map((words) => `echo ${words.join(' ')}`),
      100,
    )
    const read = lines.map(parseCommandLine)
    expect(read.every(({ ok }) => ok)).toBe(true)
    const script = lines.map((line) => `${line.replace(/^echo/, "printf '%s\\0'")}; printf '\\1'`).join('\n')
    const { stdout } = await promisify(execFile)('/bin/sh', ['-c', script])
    const words = stdout
      .split('\u0001')
      .slice(0, -1)
      .map((each) => each.split('\0').slice(0, -1))
    expect(words).toEqual(read.map((each) => (each.ok ? each.words.slice(1) : [])))
  })
})
