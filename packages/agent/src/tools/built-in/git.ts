import type { ToolManifest } from '../../contract/tool.js'
import { choice, flags, grammar, integer, option, PATHS, pattern, TEXT } from './grammar-parts.js'
import { READS_ONLY } from './reads-only.js'

/** A name of a commit, of two with dots between them, or of a file in one. */
const REVISION = pattern('[A-Za-z0-9_@][A-Za-z0-9_./@{}^~:-]{0,250}')
/** No program that a repository names for showing what differs. */
const NO_PROGRAMS = ['--no-ext-diff', '--no-textconv']
const DIFF_OPTIONS = [
  ...flags('--stat', '--numstat', '--shortstat', '--name-only', '--name-status', '--summary', ['-p', '--patch']),
  ...flags(['-w', '--ignore-all-space'], '--no-renames', '--word-diff', '-z'),
  option(['-U', '--unified'], integer(0, 1000)),
]
const LOG_OPTIONS = [
  ...DIFF_OPTIONS,
  ...flags('--oneline', '--graph', '--reverse', '--merges', '--no-merges', '--all', '--decorate', '--first-parent'),
  option(['-n', '--max-count'], integer(0, 1_000_000)),
  option(['--skip'], integer(0, 1_000_000)),
  option(['--since', '--after'], { kind: 'text', mostBytes: 100 }),
  option(['--until', '--before'], { kind: 'text', mostBytes: 100 }),
  option(['--author'], TEXT),
  option(['--grep'], TEXT),
  option(['--format', '--pretty'], TEXT),
  option(['--date'], choice('iso', 'iso-strict', 'short', 'unix', 'relative', 'rfc')),
]

/**
 * What a repository in the workspace says in its own configuration is somebody else's: nothing of it may start a program. These stand above it, see GIT_CONFIG_COUNT in git-config(1).
 */
const OVERRIDDEN: readonly (readonly [string, string])[] = [
  ['core.fsmonitor', 'false'],
  ['core.hooksPath', '/dev/null'],
  ['core.pager', 'cat'],
  ['core.untrackedCache', 'false'],
  ['core.sshCommand', 'false'],
  ['core.gitProxy', 'false'],
  ['core.alternateRefsCommand', 'true'],
  ['diff.external', ''],
  ['log.showSignature', 'false'],
  ['gpg.program', 'false'],
  ['gpg.openpgp.program', 'false'],
  ['gpg.x509.program', 'false'],
  ['gpg.ssh.program', 'false'],
  ['gpg.ssh.defaultKeyCommand', 'false'],
  ['protocol.allow', 'never'],
  ['gc.auto', '0'],
  ['maintenance.auto', 'false'],
  ['safe.directory', '*'],
]

/** What git is given in its environment. */
export const GIT_ENVIRONMENT: Readonly<Record<string, string>> = {
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_TERMINAL_PROMPT: '0',
  GIT_OPTIONAL_LOCKS: '0',
  GIT_NO_LAZY_FETCH: '1',
  GIT_PAGER: 'cat',
  GIT_EDITOR: 'false',
  GIT_ASKPASS: 'false',
  GIT_CONFIG_COUNT: String(OVERRIDDEN.length),
  ...Object.fromEntries(
    OVERRIDDEN.flatMap(([key, value], index) => [
      [`GIT_CONFIG_KEY_${index}`, key],
      [`GIT_CONFIG_VALUE_${index}`, value],
    ]),
  ),
}

/**
 * git, as far as it only reads: no network, no `-c`, no pager, hooks, aliases or external programs. `status` and `blame` look at the work tree, for which git runs the filters
 * that the repository names (`filter.<name>.clean`): the risk of both is high, see `program-classes.ts`.
 */
export const GIT: ToolManifest = {
  name: 'git',
  summary: 'Reads a repository in the workspace: its state, history and contents.',
  command: ['git', '--no-pager', '--no-replace-objects', '--literal-pathspecs'],
  ...READS_ONLY,
  arguments: grammar({
    subcommands: {
      blame: grammar({
        fixed: ['--no-textconv'],
        options: [...flags('-w', '-e', '-s', '--porcelain'), option(['-L'], pattern('[0-9]{1,7},[0-9]{1,7}'))],
        positionals: [{ ...PATHS, optional: false, repeatable: false }],
        separator: true,
      }),
      branch: grammar({ fixed: ['--list'], options: flags(['-a', '--all'], ['-r', '--remotes'], ['-v', '--verbose']) }),
      'cat-file': grammar({
        options: flags('-p', '-t', '-s', '-e'),
        positionals: [{ name: 'object', value: REVISION }],
      }),
      'count-objects': grammar({ options: flags('-v', '-H') }),
      describe: grammar({
        options: flags('--tags', '--always', '--all', '--long'),
        positionals: [{ name: 'revision', value: REVISION, optional: true }],
      }),
      diff: grammar({
        fixed: NO_PROGRAMS,
        // Of what is committed only: for the work tree git would run the filters that the repository names.
        options: [...DIFF_OPTIONS, ...flags('--exit-code')],
        positionals: [
          { name: 'from', value: REVISION },
          { name: 'to', value: REVISION },
        ],
      }),
      log: grammar({
        fixed: [...NO_PROGRAMS, '--no-show-signature'],
        options: LOG_OPTIONS,
        positionals: [{ name: 'revision', value: REVISION, optional: true, repeatable: true }],
      }),
      'ls-files': grammar({
        options: flags(['-c', '--cached'], ['-d', '--deleted'], ['-o', '--others'], '-s', '-z'),
        positionals: [PATHS],
        separator: true,
      }),
      'ls-tree': grammar({
        options: flags('-r', '-t', '-l', '--name-only', '-z'),
        positionals: [{ name: 'revision', value: REVISION }],
      }),
      'rev-list': grammar({
        options: [
          ...flags('--count', '--all', '--reverse', '--first-parent'),
          option(['-n', '--max-count'], integer(0, 1_000_000)),
        ],
        positionals: [{ name: 'revision', value: REVISION, optional: true, repeatable: true }],
      }),
      'rev-parse': grammar({
        options: flags('--short', '--abbrev-ref', '--show-toplevel', '--verify', '--is-inside-work-tree'),
        positionals: [{ name: 'revision', value: REVISION, optional: true }],
      }),
      shortlog: grammar({
        options: flags(['-s', '--summary'], ['-n', '--numbered'], ['-e', '--email']),
        positionals: [{ name: 'revision', value: REVISION }],
      }),
      show: grammar({
        fixed: [...NO_PROGRAMS, '--no-show-signature'],
        options: [...DIFF_OPTIONS, ...flags('--oneline'), option(['--format', '--pretty'], TEXT)],
        positionals: [{ name: 'revision', value: REVISION, optional: true, repeatable: true }],
      }),
      status: grammar({
        options: flags(['-s', '--short'], ['-b', '--branch'], '--porcelain', '--ignored', '-z'),
      }),
      tag: grammar({ fixed: ['--list'], options: flags('-n') }),
    },
  }),
}
