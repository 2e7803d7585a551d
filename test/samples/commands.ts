import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { AGENT_COMMANDS } from '../../packages/agent/src/commands/command-table.js'
import { parseCommandLine } from '../../packages/agent/src/commands/parse-command-line.js'
import { parseArguments } from '../../packages/cli/src/command-line/parse-arguments.js'
import { followSteps } from '../../scripts/guides/guide-steps.js'
import { repository, workspacePackages } from '../../scripts/workspace.js'

/** Commands that only look or plan: they are run, on the machine of the lab in memory. */
const LOOKING = /^(?:check|plan|bind|topology|report|status|history|module (?:list|show|meta)|snapshot)\b/
/** Commands of packages that come with ours, which read their own words. */
const ADDED = ['topology', 'report'].map((name) => ({ name, summary: '', source: '' }))
/** A machine may refuse; these say that the command itself means nothing. */
const NOT_UNDERSTOOD = /\[(JANUS_USAGE|JANUS_OPTIONS_INVALID|JANUS_MODULE_NOT_FOUND|JANUS_INTERNAL)\]/
/** Modules of somebody else, which pages speak of and nobody has. */
const STRANGERS = /\bfan-curve\b/
/** Programs of the system that a page may need around ours. */
const OF_THE_SYSTEM = /^(?:npm ci$|npm test$|mkdir |export |curl |systemctl )/
const { scripts } = JSON.parse(await readFile(join(repository, 'package.json'), 'utf8')) as { scripts: object }
const PACKAGES = new Set(['zod', ...(await workspacePackages()).map(({ json }) => json.name)])
const SNAPSHOTS = ['lab.json', 'machine.json']

/** A command of a page. */
export interface PageCommand {
  readonly place: string
  /** As it is written, without a remark behind it. */
  readonly line: string
}

/** The commands of a `sh` block: its lines, those that are continued joined. */
export function commandLines(text: string): readonly string[] {
  return text
    .replaceAll('\\\n', ' ')
    .split('\n')
    .map((line) => line.replace(/(?:^|\s+)#.*$/, '').trim())
    .filter((line) => line !== '')
}

/** What is wrong with commands of pages: words that no parser takes, and what the modules do not understand. */
export async function misunderstood(commands: readonly PageCommand[]): Promise<readonly string[]> {
  const wrong = commands.flatMap(({ place, line }) => {
    const why = parseFault(line)
    return why === undefined ? [] : [`${place}: ${line}: ${why}`]
  })
  const run = commands.filter(({ line }) => LOOKING.test(ownWords(line) ?? '') && !STRANGERS.test(line))
  const lab = await readFile(join(repository, 'examples/snapshots/lab.snapshot.json'), 'utf8')
  const files = SNAPSHOTS.map((path) => ({ kind: 'file', path, text: lab }) as const)
  const steps = run.map(({ line }) => ({ kind: 'command', command: `janus ${ownWords(line)}` }) as const)
  const [answers = []] = await followSteps([{ iommu: true, steps: [...files, ...steps] }])
  const failed = answers.slice(files.length).flatMap(({ output, exitCode }, at) => {
    const { place, line } = run[at] as PageCommand
    return exitCode > 1 || NOT_UNDERSTOOD.test(output) ? [`${place}: ${line}: ${output}`] : []
  })
  return [...wrong, ...failed]
}

function parseFault(line: string): string | undefined {
  const [, script, page] = /^npm run ([\w:-]+)(?: -- ([\w./-]+))?$/.exec(line) ?? []
  if (page !== undefined && !existsSync(join(repository, page))) return `${page} does not exist`
  if (script !== undefined) return script in scripts ? undefined : `is no script of package.json`
  const [, inRegistry] = /^npm run registry -- (.+)$/.exec(line) ?? []
  if (inRegistry !== undefined) return parseFault(inRegistry)
  const [, verb, names] = /^npm (install|create) (?:--global )?(?:--prefix \S+ )?([^-].*?)(?: -- .*)?$/.exec(line) ?? []
  if (names !== undefined)
    return unknownPackage(verb === 'create' ? names.replace('/', '/create-').split(' ', 1) : names.split(' '))
  const words = ownWords(line)
  // Alone it leads through a first change.
  if (words === '') return undefined
  if (words === undefined) return OF_THE_SYSTEM.test(line.replace(/^sudo /, '')) ? undefined : 'is no command of ours'
  const argv = [...words.matchAll(/(?:'[^']*'|[^\s'])+/g)].map(([word]) => word.replaceAll("'", ''))
  try {
    if (argv[0] === 'agent') {
      parseCommandLine(AGENT_COMMANDS, argv.slice(1), 'janus agent')
      return undefined
    }
    const request = parseArguments(argv, ADDED)
    return request.kind === 'usage' ? request.summary : undefined
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

/** What is installed is a package of ours, or what they are installed beside. */
function unknownPackage(names: readonly string[]): string | undefined {
  const unknown = names.find((name) => !PACKAGES.has(name))
  return unknown === undefined ? undefined : `${unknown} is no package of ours`
}

/** The words behind `janus`, however it is started; what follows in a pipe or a file is the shell's. */
function ownWords(line: string): string | undefined {
  const found = /^(?:sudo )?(?:npx )?(?:janus|@janus\/cli)(?= |$)(.*?)(?: [|>].*)?$/.exec(line)
  return found?.[1]?.trim()
}
