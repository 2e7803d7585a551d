import type { Change, Condition } from '../../contract/change.js'
import type { Host } from '../../contract/host.js'
import { janusError } from '../../errors/janus-error.js'
import { bootProgramSettings } from '../boot-program.js'
import { requestConditions } from './boot-conditions.js'
import { readBootFiles } from './boot-file.js'
import type { CommandLineRequest } from './command-line-request.js'
import { entryLines, isLinuxEntry } from './entry-files.js'
import { filesIn, findSystemProgram } from './loader-evidence.js'
import { programWords } from './program-words.js'
import type { SourceLine } from './source-line.js'
import { textLine } from './text-line.js'

const ENTRIES = '/boot/loader/entries'
const ENVIRONMENT = '/boot/grub2/grubenv'
const TIMEOUT = 120_000

/** The command lines of the entries that GRUB reads itself, with what GRUB puts in for `$kernelopts`. */
export async function grubbyLines(host: Host): Promise<readonly SourceLine[]> {
  const entries = await readBootFiles(host, await filesIn(host, ENTRIES, '.conf'))
  const environment = (await host.readText(ENVIRONMENT)).value ?? ''
  const options = /^kernelopts=(.*)$/m.exec(environment)?.[1] ?? ''
  return [...entries]
    .filter(([, text]) => isLinuxEntry(text))
    .map(([path, text]) => {
      const values = entryLines(text).filter(({ key }) => key === 'options')
      const line = values.map(({ value }) => value).join(' ')
      return textLine(
        path,
        line.replaceAll(/\$kernelopts\b/g, () => options),
      )
    })
}

/**
 * The command by which Fedora and Red Hat change the command line of every entry, and what new ones are made of.
 * @throws JANUS_HOST_UNFIT without grubby, or where it would change another word too
 */
export async function grubbyChanges(
  host: Host,
  request: CommandLineRequest,
  afterBoot: readonly Condition[],
): Promise<readonly Change[]> {
  const lines = await grubbyLines(host)
  const { added, removed } = programWords(host, lines, request)
  if (added.length === 0 && removed.length === 0) return []
  const command = await findSystemProgram(host, 'grubby')
  if (command === undefined) {
    const message = `${host.description} keeps its command line in entries (${ENTRIES}), and has no grubby to change them`
    throw janusError('JANUS_HOST_UNFIT', message, { remedy: 'Install the package grubby.', data: { path: ENTRIES } })
  }
  const environment = await rewrittenEnvironment(host)
  const entries = lines.map(({ label }) => label)
  const args = [
    '--update-kernel=ALL',
    ...(removed.length === 0 ? [] : [`--remove-args=${removed.join(' ')}`]),
    ...(added.length === 0 ? [] : [`--args=${added.join(' ')}`]),
  ]
  return [
    {
      kind: 'run-command',
      command,
      args,
      ...(await bootProgramSettings(host)),
      timeout: TIMEOUT,
      outputs: [
        ...entries,
        '/etc/default/grub',
        '/etc/kernel/cmdline',
        ...(environment === undefined ? [] : [environment]),
      ],
      why: request.why,
      scope: 'persistent',
      verify: await verification(host, entries, request),
      ...(afterBoot.length === 0 ? {} : { afterBoot }),
    },
  ]
}

/** Where an entry names `$kernelopts`, the words go to GRUB's environment. */
async function verification(
  host: Host,
  entries: readonly string[],
  request: CommandLineRequest,
): Promise<readonly Condition[]> {
  const texts = await readBootFiles(host, entries)
  const isShared = [...texts.values()].some((text) => text.includes('$kernelopts'))
  const paths = isShared ? [ENVIRONMENT] : entries
  const lines = isShared ? 'kernelopts' : 'options'
  return paths.flatMap((path) => requestConditions(path, request, lines)).slice(0, 64)
}

/**
 * GRUB's environment, if it has the words of `$kernelopts`: any other grubby leaves alone, while every boot writes to it.
 * A link, as on EFI, would be replaced by its undo; the file it leads to is what is rewritten.
 */
async function rewrittenEnvironment(host: Host): Promise<string | undefined> {
  if (!/^kernelopts=/m.test((await host.readText(ENVIRONMENT)).value ?? '')) return undefined
  return (await host.readLink(ENVIRONMENT)).value ?? ENVIRONMENT
}
