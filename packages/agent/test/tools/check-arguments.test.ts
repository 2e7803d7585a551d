import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type ArgumentGrammar, type ArgumentValue, checkArguments } from '../../src/index.js'

const GRAMMAR: ArgumentGrammar = {
  options: [
    { names: ['-v', '--verbose'] },
    { names: ['-n', '--count'], value: { kind: 'integer', least: -5, most: 10 } },
    { names: ['--text'], value: { kind: 'text', mostBytes: 131_000 }, repeatable: true },
    { names: ['--sort'], value: { kind: 'choice', of: ['name', 'size'] } },
    { names: ['--old'], value: { kind: 'text' }, form: 'separate' },
  ],
  positionals: [
    { name: 'pattern', value: { kind: 'text' } },
    { name: 'path', value: { kind: 'path' }, optional: true, repeatable: true },
  ],
  separator: true,
}
const check = (args: readonly string[], kwargs = {}, grammar = GRAMMAR, domains: readonly string[] = []) =>
  checkArguments(grammar, { args, kwargs }, { domains })
const refusal = (...asked: Parameters<typeof check>) => {
  const checked = check(...asked)
  if (checked.ok) throw new Error(`it was taken: ${checked.argv.join(' ')}`)
  return `${checked.refusal.argument} ${checked.refusal.because}`
}

describe('arguments', () => {
  test.each([
    [['x'], ['--', 'x']],
    [
      ['x', 'a', 'b/c'],
      ['--', 'x', 'a', 'b/c'],
    ],
    [
      ['-v', 'x'],
      ['-v', '--', 'x'],
    ],
    [
      ['x', '-v', 'a', '--count=3'],
      ['-v', '--count=3', '--', 'x', 'a'],
    ],
    [
      ['-n', '3', 'x'],
      ['-n', '3', '--', 'x'],
    ],
    [
      ['-n', '-3', 'x'],
      ['-n', '-3', '--', 'x'],
    ],
    [
      ['--text=-rf', '--text=', 'x'],
      ['--text=-rf', '--text=', '--', 'x'],
    ],
    [
      ['--old', 'y', 'x'],
      ['--old', 'y', '--', 'x'],
    ],
    [
      ['--sort', 'size', '--', 'x'],
      ['--sort', 'size', '--', 'x'],
    ],
  ])('%j are taken, options first', (args, argv) => {
    expect(check(args)).toEqual({ ok: true, argv })
  })

  test.each([
    [['-x', 'p'], 'argument 1 "-x" is none of -v, -n, --text, --sort, --old'],
    [['--exec=id', 'p'], 'argument 1 "--exec=id" is none of'],
    [['--verb', 'p'], 'argument 1 "--verb" is none of'],
    [['-vn', '3', 'p'], 'argument 1 "-vn" is none of'],
    [['-n3', 'p'], 'argument 1 "-n3" is none of'],
    [['-v', '-v', 'p'], 'argument 2 "-v" is given twice'],
    [['-v', '--verbose', 'p'], 'argument 2 "--verbose" is given twice'],
    [['--verbose=1', 'p'], 'argument 1 "--verbose=1" takes no value'],
    [['p', '--count'], 'argument 2 "--count" has no value'],
    [['--count', '11', 'p'], 'has a value that is not between -5 and 10'],
    [['--count=0x3', 'p'], 'has a value that is no whole number'],
    [['--text', '-v', 'p'], 'argument 2 "-v" is the value of --text and begins with -: write --text=…'],
    [['--old=y', 'p'], 'takes its value as the next argument'],
    [['--sort=date', 'p'], 'has a value that is none of name, size'],
    [['-', 'p'], 'argument 1 "-" is none of'],
    [['p', '--', '-rf'], 'argument 3 "-rf" begins with -, which no path may'],
    [[], 'the arguments have no pattern'],
    [['p', 'a\0b'], 'argument 2 "a\\u0000b" holds a NUL'],
    [['p', `--text=${'x'.repeat(131_072)}`], 'is longer than 131071 bytes'],
    [['p', '../x'], 'argument 2 "../x" is no path: it climbs out of a directory'],
  ])('%j are refused with the place and the reason', (args, reason) => {
    expect(refusal(args)).toContain(reason)
  })

  test('that have a name are long options, before what stands by itself', () => {
    expect(check(['x'], { verbose: true, count: 3, text: '-a b', sort: null })).toEqual({
      ok: true,
      argv: ['--count=3', '--text=-a b', '--verbose', '--', 'x'],
    })
    expect(check(['x'], { old: 'y' })).toEqual({ ok: true, argv: ['--old', 'y', '--', 'x'] })
    expect(refusal(['x'], { exec: 'id' })).toContain('option "exec" is none of')
    expect(refusal(['x'], { n: 3 })).toContain('option "n" is none of')
    expect(refusal(['x'], { count: [1] })).toContain('is a list or an object')
    expect(refusal(['x'], { verbose: 'yes' })).toContain('takes no value')
    expect(refusal(['x'], { count: true })).toContain('has no value')
    expect(refusal(['-v', 'x'], { verbose: true })).toContain('is given twice')
    expect(refusal(['x'], { old: '-y' })).toContain('begins with -')
    expect(refusal(['x'], { __proto__: 1, constructor: 1 })).toContain('is none of')
  })

  test('of a subcommand are held to its own grammar, and to no other', () => {
    const level: ArgumentGrammar = {
      options: [{ names: ['-q'] }],
      positionals: [],
      separator: false,
      subcommands: {
        log: {
          fixed: ['--no-ext-diff'],
          options: [{ names: ['-n'], value: { kind: 'integer' } }],
          positionals: [],
          separator: false,
        },
        show: { options: [], positionals: [{ name: 'revision', value: { kind: 'text' } }], separator: true },
      },
    }
    expect(check(['-q', 'log', '-n', '5'], {}, level)).toEqual({
      ok: true,
      argv: ['-q', 'log', '--no-ext-diff', '-n', '5'],
    })
    expect(check(['show', 'HEAD'], {}, level)).toEqual({ ok: true, argv: ['show', '--', 'HEAD'] })
    for (const args of [['push'], ['log', '-q'], ['show'], [], ['log', 'x'], ['constructor'], ['-n', '5', 'log']])
      expect(check(args, {}, level)).toMatchObject({ ok: false })
  })
})

describe('attack 2: an option that is smuggled in', () => {
  test('no word that begins with - is taken but an option that is declared, and no positional begins with one', () => {
    const names = new Set(GRAMMAR.options.flatMap((option) => option.names))
    const word = fc.oneof(
      fc.string().map((text) => `-${text}`),
      fc.string().map((text) => `--${text}`),
      fc.string(),
      fc.constantFrom(
        '--',
        '-v',
        '--text=-x',
        '-n',
        '5',
        '--count=3',
        'plain',
        '--output=/etc/passwd',
        '-oProxyCommand=id',
      ),
    )
    fc.assert(
      fc.property(fc.array(word, { maxLength: 6 }), (args) => {
        const checked = check(args)
        if (!checked.ok) return
        const separator = checked.argv.lastIndexOf('--')
        expect(separator).toBeGreaterThanOrEqual(0)
        for (const positional of checked.argv.slice(separator + 1)) expect(positional.startsWith('-')).toBe(false)
        const options = checked.argv.slice(0, separator)
        for (const [index, option] of options.entries()) {
          const isValue = ['-n', '--count', '--text', '--sort', '--old'].includes(options[index - 1] ?? '')
          if (!isValue) expect(names.has(option.split('=')[0] ?? '')).toBe(true)
        }
      }),
      { numRuns: 2000 },
    )
  })
})

describe('attack 3: characters that a shell would obey', () => {
  test('of 10,000 random texts each reaches the program as the same bytes', async () => {
    const texts = fc.sample(fc.string({ unit: 'binary', maxLength: 40 }), 9_000)
    const active = fc.sample(
      fc
        .array(
          fc.constantFrom(
            ';',
            '$(id)',
            '`id`',
            '|',
            '&',
            '>',
            '<',
            '\n',
            '*',
            '~',
            '"',
            "'",
            '\\',
            '!',
            '#',
            ' ',
            '-rf',
            '\t',
            '{a,b}',
          ),
          {
            maxLength: 8,
          },
        )
        .map((parts) => parts.join('')),
      1_000,
    )
    const wanted = [...texts, ...active]
      .map((text) => text.replaceAll('\0', ''))
      .filter((text) => !/\p{Surrogate}/u.test(text))
    let seen = 0
    for (let at = 0; at < wanted.length; at += 500) {
      const some = wanted.slice(at, at + 500)
      // As values of an option, where anything may stand, and as positionals, where nothing begins with -.
      const free = some.filter((text) => !text.startsWith('-') && text !== '')
      const grammar: ArgumentGrammar = {
        ...GRAMMAR,
        positionals: [{ name: 'text', value: { kind: 'text' }, repeatable: true }],
      }
      const checked = check([...some.map((text) => `--text=${text}`), ...free], {}, grammar)
      if (!checked.ok) throw new Error(checked.refusal.because)
      expect(checked.argv).toEqual([...some.map((text) => `--text=${text}`), '--', ...free])
      expect(await echoed(checked.argv)).toEqual(checked.argv)
      seen += some.length
    }
    expect(seen).toBeGreaterThan(9_000)
  })
})

describe('attack 5: a path that leads out', () => {
  const path = (text: string, below?: readonly string[]): boolean => {
    const value: ArgumentValue = below === undefined ? { kind: 'path' } : { kind: 'path', below }
    const grammar: ArgumentGrammar = { options: [], positionals: [{ name: 'path', value }], separator: false }
    return check([text], {}, grammar).ok
  }

  test.each([
    'a',
    'a/b',
    './a',
    'a//b',
    'a..b/c',
    '...',
    '/workspace',
    '/workspace/a',
    '//workspace/a',
    '/./workspace/a',
    'ä ö/ü',
    'a%20b',
    '~',
    'x'.repeat(255),
  ])('%j stays', (text) => {
    expect(path(text)).toBe(true)
  })

  test.each([
    '../x',
    '..',
    'a/..',
    'a/../../etc/passwd',
    '/etc/passwd',
    '//etc/passwd',
    '/workspace/../etc/passwd',
    '/workspace2/a',
    '/workspaces/a',
    '/Workspace/a',
    '/proc/self/root/etc/passwd',
    '/proc/self/cwd/../x',
    '/dev/fd/3',
    '%2e%2e/x',
    '%2E%2e%2fx',
    '%252e%252e/x',
    'a%2fb',
    'a%00b',
    'file:///etc/passwd',
    'FILE:///workspace/a',
    'http://x/a',
    '',
    `${'a/'.repeat(2048)}a`,
    'x'.repeat(256),
    '/',
  ])('%j is refused', (text) => {
    expect(path(text)).toBe(false)
  })

  test('may lie below a directory that the grammar names, component by component', () => {
    expect(path('/usr/share/dict/words', ['/usr/share'])).toBe(true)
    expect(path('/usr/share', ['/usr/share'])).toBe(true)
    expect(path('/usr/share/../bin/x', ['/usr/share'])).toBe(false)
    expect(path('/usr/shared/x', ['/usr/share'])).toBe(false)
  })

  test('begins where the tool is started, when it is relative', () => {
    const grammar: ArgumentGrammar = {
      options: [],
      positionals: [{ name: 'path', value: { kind: 'path' } }],
      separator: false,
    }
    expect(checkArguments(grammar, { args: ['x'] }, { domains: [], workingDirectory: '/srv' }).ok).toBe(false)
    expect(checkArguments(grammar, { args: ['/workspace/x'] }, { domains: [], workingDirectory: '/srv' }).ok).toBe(true)
  })

  test('a path that is taken never leaves, whatever it is made of', () => {
    const part = fc.constantFrom('..', '.', '', 'a', '%2e', 'workspace', 'etc', 'proc', 'x y', '...')
    fc.assert(
      fc.property(fc.array(part, { maxLength: 6 }), fc.boolean(), (parts, absolute) => {
        const text = `${absolute ? '/' : ''}${parts.join('/')}`
        if (!path(text)) return
        const resolved = new URL(`file://${absolute ? '' : '/workspace/'}${text}`).pathname
        expect(resolved.replace(/\/{2,}/g, '/')).toMatch(/^\/workspace(?:\/|$)/)
      }),
    )
  })
})

describe('an address', () => {
  const url = (text: string, domains: readonly string[]): boolean => {
    const grammar: ArgumentGrammar = {
      options: [],
      positionals: [{ name: 'url', value: { kind: 'url' } }],
      separator: false,
    }
    return check([text], {}, grammar, domains).ok
  }

  test.each([
    ['https://example.org', ['example.org']],
    ['http://EXAMPLE.org/a?b=c#d', ['example.org']],
    ['https://example.org./x', ['example.org']],
    ['https://example.org:8443/x', ['example.org:8443']],
    ['https://example.org/x', ['example.org:443']],
  ])('%s is taken with %j', (text, domains) => {
    expect(url(text, domains)).toBe(true)
  })

  test.each([
    ['https://example.org', []],
    ['https://example.org.evil.test', ['example.org']],
    ['https://sub.example.org', ['example.org']],
    ['https://user@example.org/', ['example.org']],
    ['https://example.org@evil.test/', ['example.org']],
    ['https://evil.test\\@example.org/', ['example.org']],
    ['https://evil.test#@example.org/', ['example.org']],
    ['https://example.org:22/', ['example.org']],
    ['https://2130706433/', ['127.0.0.1']],
    ['https://0x7f.1/', ['127.0.0.1']],
    ['https://[::1]/', ['::1']],
    ['https://exa\tmple.org', ['example.org']],
    ['https://{example.org,evil.test}/', ['example.org']],
    ['ftp://example.org/', ['example.org']],
    ['file:///etc/passwd', ['']],
    ['example.org', ['example.org']],
    ['https://ex%61mple.org/', ['example.org']],
    ['https://еxample.org/', ['example.org']],
  ])('%s is refused with %j', (text, domains) => {
    expect(url(text, domains)).toBe(false)
  })
})

/** The arguments that a real program saw. */
async function echoed(args: readonly string[]): Promise<readonly string[]> {
  const { stdout } = await promisify(execFile)('/usr/bin/printf', ['%s\\0', ...args], { maxBuffer: 64 * 1024 * 1024 })
  return stdout.split('\0').slice(0, -1)
}
