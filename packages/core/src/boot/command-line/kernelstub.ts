import type { Change, Condition } from '../../contract/change.js'
import type { Host } from '../../contract/host.js'
import { isJanusError, janusError } from '../../errors/janus-error.js'
import { bootProgramSettings } from '../boot-program.js'
import { readBootFiles } from './boot-file.js'
import type { CommandLineRequest } from './command-line-request.js'
import { filesIn, findSystemProgram } from './loader-evidence.js'
import { programWords } from './program-words.js'
import type { SourceLine } from './source-line.js'
import { textLine } from './text-line.js'

const CONFIGURATION = '/etc/kernelstub/configuration'
const ESP = '/boot/efi'
const TIMEOUT = 120_000

/**
 * The command line that kernelstub of Pop!_OS gives its entries.
 * @throws JANUS_HOST_UNREADABLE where its configuration is not as it writes it
 */
export async function kernelstubLine(host: Host): Promise<SourceLine> {
  const text = (await readBootFiles(host, [CONFIGURATION])).get(CONFIGURATION) ?? ''
  return textLine(CONFIGURATION, optionsOf(text).join(' '))
}

/**
 * The commands that take words from kernelstub's list and add to it; it rewrites the entries itself.
 * @throws JANUS_HOST_UNFIT without kernelstub, or where it would change another word too
 */
export async function kernelstubChanges(
  host: Host,
  request: CommandLineRequest,
  afterBoot: readonly Condition[],
): Promise<readonly Change[]> {
  const { added, removed } = programWords(host, [await kernelstubLine(host)], request)
  if (added.length === 0 && removed.length === 0) return []
  const command = await findSystemProgram(host, 'kernelstub')
  if (command === undefined) {
    const message = `${host.description} keeps its command line with kernelstub (${CONFIGURATION}), which is not installed`
    throw janusError('JANUS_HOST_UNFIT', message, {
      remedy: 'Install the package kernelstub.',
      data: { path: CONFIGURATION },
    })
  }
  const outputs = [
    CONFIGURATION,
    ...(await filesIn(host, `${ESP}/loader/entries`, '.conf')),
    ...(await copiedLines(host)),
  ]
  const common = {
    kind: 'run-command',
    command,
    ...(await bootProgramSettings(host)),
    timeout: TIMEOUT,
    why: request.why,
    scope: 'persistent',
  } as const
  const boot = afterBoot.length === 0 ? {} : { afterBoot }
  const verify = added.map((word) => ({ kind: 'contains', path: CONFIGURATION, value: JSON.stringify(word) }) as const)
  const lacks = (await wordsOfListOnly(host, removed)).map(
    (word) => ({ kind: 'lacks', path: CONFIGURATION, value: JSON.stringify(word) }) as const,
  )
  const args = ['-d', removed.join(' ')]
  const removing = { ...common, args, outputs, verify: lacks, ...(added.length === 0 ? boot : {}) }
  const adding = { ...common, args: ['-a', added.join(' ')], outputs, verify, ...boot }
  if (removed.length === 0) return [adding]
  // What the first command found is put back by its own undo, whatever the second one did to it.
  return added.length === 0 ? [removing] : [removing, { ...adding, undo: [] }]
}

/** The words that stand nowhere else in the configuration: its defaults, which no command changes, may hold the same. */
async function wordsOfListOnly(host: Host, words: readonly string[]): Promise<readonly string[]> {
  const text = (await readBootFiles(host, [CONFIGURATION])).get(CONFIGURATION) ?? ''
  const listed = optionsOf(text)
  const count = (word: string): number => text.split(JSON.stringify(word)).length - 1
  return words.filter((word) => count(word) === listed.filter((one) => one === word).length)
}

/** Beside the kernels, which are copied as they are, kernelstub leaves the command line on the EFI partition. */
async function copiedLines(host: Host): Promise<readonly string[]> {
  const folders = ((await host.list(`${ESP}/EFI`)).value ?? []).filter((name) => name.startsWith('Pop_OS-'))
  const found: string[] = []
  for (const folder of folders) {
    const path = `${ESP}/EFI/${folder}/cmdline`
    if (await host.exists(path)) found.push(path)
  }
  return found
}

/**
 * The configuration with another list of options.
 * @returns undefined where it is not as kernelstub writes it
 */
export function withKernelOptions(
  text: string,
  edit: (options: readonly string[]) => readonly string[],
): string | undefined {
  try {
    const options = edit(optionsOf(text))
    const configuration = JSON.parse(text) as { user: object }
    return JSON.stringify({ ...configuration, user: { ...configuration.user, kernel_options: options } }, null, 2)
  } catch (error) {
    if (isJanusError(error)) return undefined
    throw error
  }
}

function optionsOf(text: string): readonly string[] {
  let options: unknown
  try {
    options = (JSON.parse(text) as { user?: { kernel_options?: unknown } }).user?.kernel_options
  } catch (cause) {
    throw janusError('JANUS_HOST_UNREADABLE', `${CONFIGURATION} is no JSON`, { data: { path: CONFIGURATION }, cause })
  }
  if (Array.isArray(options) && options.every((option) => typeof option === 'string')) return options
  const message = `${CONFIGURATION} has no list of texts at user.kernel_options`
  throw janusError('JANUS_HOST_UNREADABLE', message, { data: { path: CONFIGURATION } })
}
