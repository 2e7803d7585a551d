import type { ToolManifest } from '../../contract/tool.js'
import { choice, flags, grammar, integer, option, PATH, PATHS, pattern, TEXT } from './grammar-parts.js'
import { READS_ONLY } from './reads-only.js'

/** ripgrep: nothing that starts another program (`--pre`, `--search-zip`, `--hostname-bin`), reads patterns from elsewhere or follows links. */
export const RG: ToolManifest = {
  name: 'rg',
  summary: 'Searches files of the workspace for a regular expression.',
  command: ['rg', '--no-config', '--color=never'],
  ...READS_ONLY,
  arguments: grammar({
    options: [
      ...flags(['-i', '--ignore-case'], ['-S', '--smart-case'], ['-s', '--case-sensitive'], ['-w', '--word-regexp']),
      ...flags(['-x', '--line-regexp'], ['-F', '--fixed-strings'], ['-v', '--invert-match'], ['-U', '--multiline']),
      ...flags(['-c', '--count'], '--count-matches', ['-l', '--files-with-matches'], '--files-without-match'),
      ...flags(['-n', '--line-number'], ['-N', '--no-line-number'], '--column', ['-o', '--only-matching'], '--json'),
      ...flags(
        '--heading',
        '--no-heading',
        ['-H', '--with-filename'],
        ['-I', '--no-filename'],
        '--hidden',
        '--no-ignore',
      ),
      ...flags('--stats', '--trim', ['-q', '--quiet'], '--vimgrep', '--files'),
      option(['-m', '--max-count'], integer(1, 1_000_000)),
      option(['-A', '--after-context'], integer(0, 1000)),
      option(['-B', '--before-context'], integer(0, 1000)),
      option(['-C', '--context'], integer(0, 1000)),
      option(['-d', '--max-depth'], integer(0, 100)),
      option(['-M', '--max-columns'], integer(0, 1_000_000)),
      option(['--max-filesize'], pattern('[0-9]{1,12}[KMG]?')),
      option(['-g', '--glob'], { kind: 'text', mostBytes: 1024 }, true),
      option(['-t', '--type'], pattern('[a-z0-9]{1,32}'), true),
      option(['-T', '--type-not'], pattern('[a-z0-9]{1,32}'), true),
      option(['--sort'], choice('none', 'path', 'modified', 'created')),
    ],
    // With --files there is none; a path in its place is judged as one, and meets the sandbox.
    positionals: [{ name: 'pattern', value: TEXT, optional: true }, PATHS],
    separator: true,
  }),
}

/** jq: a filter and files; no modules of its own (`-L`), no variables from files. */
export const JQ: ToolManifest = {
  name: 'jq',
  summary: 'Selects and transforms JSON of the workspace.',
  command: ['jq'],
  ...READS_ONLY,
  arguments: grammar({
    options: [
      ...flags(['-r', '--raw-output'], ['-j', '--join-output'], ['-c', '--compact-output'], ['-s', '--slurp']),
      ...flags(['-n', '--null-input'], ['-e', '--exit-status'], ['-S', '--sort-keys'], ['-a', '--ascii-output']),
      ...flags(['-R', '--raw-input'], '--tab', ['-M', '--monochrome-output'], '--stream'),
      { names: ['--indent'], value: integer(0, 7), form: 'separate' },
    ],
    // Its `--` ends options only behind the filter in some versions; none of these begins with `-` anyway.
    positionals: [{ name: 'filter', value: { kind: 'text', mostBytes: 65_536 } }, PATHS],
  }),
}

/** What a command line of the tool `shell` may begin with, besides the tools above: programs that read their workspace and print. */
export const READING_PROGRAMS = {
  basename: grammar({ positionals: [{ name: 'path', value: TEXT }], separator: true }),
  cat: grammar({ options: flags('-n', '-A'), positionals: [PATHS], separator: true }),
  cmp: grammar({ options: flags('-s', '-l'), positionals: [PATHS], separator: true }),
  cut: grammar({
    options: [option(['-d'], { kind: 'text', mostBytes: 4 }), option(['-f', '-c', '-b'], pattern('[0-9,-]{1,100}'))],
    positionals: [PATHS],
    separator: true,
  }),
  date: grammar({ options: flags('-u', '-R', ['-I', '--iso-8601']) }),
  df: grammar({ options: flags('-h', '-i', '-T', '-k'), positionals: [PATHS], separator: true }),
  diff: grammar({
    options: [...flags('-u', '-q', '-r', '-b', '-w', '-N'), option(['-U'], integer(0, 1000))],
    positionals: [
      { name: 'path', value: PATH },
      { name: 'path', value: PATH },
    ],
    separator: true,
  }),
  dirname: grammar({ positionals: [{ name: 'path', value: TEXT }], separator: true }),
  du: grammar({
    options: [...flags('-h', '-s', '-a', '-c', '-k', '-b'), option(['-d', '--max-depth'], integer(0, 100))],
    positionals: [PATHS],
    separator: true,
  }),
  echo: grammar({
    options: flags('-n'),
    positionals: [{ name: 'text', value: TEXT, optional: true, repeatable: true }],
  }),
  // No expression that runs, deletes or writes; the places to look in stand before the tests.
  find: grammar({
    options: [
      {
        names: ['-name', '-iname', '-path'],
        value: { kind: 'text', mostBytes: 1024 },
        form: 'separate',
        repeatable: true,
      },
      { names: ['-type'], value: choice('f', 'd', 'l'), form: 'separate' },
      { names: ['-maxdepth', '-mindepth'], value: integer(0, 100), form: 'separate' },
      { names: ['-size', '-mtime', '-mmin'], value: pattern('[+]?[0-9]{1,12}[ckMG]?'), form: 'separate' },
      ...flags('-empty', '-print', '-print0'),
    ],
  }),
  grep: grammar({
    options: [
      ...flags('-i', '-v', '-c', '-n', '-l', '-L', '-w', '-x', '-E', '-F', '-r', '-o', '-h', '-H', '-q', '-s', '-a'),
      option(['-m', '--max-count'], integer(1, 1_000_000)),
      option(['-A'], integer(0, 1000)),
      option(['-B'], integer(0, 1000)),
      option(['-C'], integer(0, 1000)),
    ],
    positionals: [{ name: 'pattern', value: TEXT }, PATHS],
    separator: true,
  }),
  head: grammar({
    options: [option(['-n', '--lines'], integer(0, 1_000_000)), option(['-c', '--bytes'], integer(0, 1_000_000_000))],
    positionals: [PATHS],
    separator: true,
  }),
  ls: grammar({
    options: flags('-l', '-a', '-A', '-h', '-R', '-1', '-t', '-S', '-r', '-d', '-i', '-n', '-la', '-al', '-lh', '-lah'),
    positionals: [PATHS],
    separator: true,
  }),
  nl: grammar({ options: flags('-ba'), positionals: [PATHS], separator: true }),
  sha256sum: grammar({ options: flags('-b', '-t'), positionals: [PATHS], separator: true }),
  sort: grammar({
    options: [
      ...flags('-n', '-r', '-u', '-f', '-h', '-V', '-b', '-c'),
      option(['-k'], pattern('[0-9,.a-zA-Z]{1,20}'), true),
      option(['-t'], { kind: 'text', mostBytes: 4 }),
    ],
    positionals: [PATHS],
    separator: true,
  }),
  stat: grammar({ positionals: [PATHS], separator: true }),
  tail: grammar({
    options: [option(['-n', '--lines'], integer(0, 1_000_000)), option(['-c', '--bytes'], integer(0, 1_000_000_000))],
    positionals: [PATHS],
    separator: true,
  }),
  uname: grammar({ options: flags('-a', '-r', '-m', '-s') }),
  uniq: grammar({
    options: flags('-c', '-d', '-u', '-i'),
    positionals: [{ name: 'path', value: PATH, optional: true }],
    separator: true,
  }),
  wc: grammar({ options: flags('-l', '-w', '-c', '-m', '-L'), positionals: [PATHS], separator: true }),
} as const
