import { basename } from 'node:path'
import type { RunCommand } from '../../contract/change.js'
import type { Host } from '../../contract/host.js'
import { commandWords } from './command-words.js'
import { entryLines } from './entry-files.js'
import { withKernelOptions } from './kernelstub.js'
import { applySplices } from './source-line.js'

type Exchange = (line: string) => string

/**
 * What a program that keeps command lines will make of its outputs, as far as a line says it that is read again to plan
 * the next edit: grubby(8) takes words away and adds words at the end, kernelstub(1) in its list. Formatting is not foreseen.
 * @returns bytes by path; nothing for other programs, and for outputs of which nothing is known
 */
export async function foreseeCommandLine(
  host: Host,
  { command, args, outputs = [] }: RunCommand,
): Promise<ReadonlyMap<string, Uint8Array>> {
  const foresee = programOf(basename(command), args)
  const foreseen = new Map<string, Uint8Array>()
  if (foresee === undefined) return foreseen
  const texts = new Map<string, string>()
  for (const path of outputs) {
    const { value } = await host.readBytes(path)
    if (value !== undefined) texts.set(path, Buffer.from(value).toString('latin1'))
  }
  for (const [path, text] of texts) {
    const edited = foresee(path, text, [...texts.values()])
    if (edited !== undefined) foreseen.set(path, Buffer.from(edited, 'latin1'))
  }
  return foreseen
}

type Foresee = (path: string, text: string, all: readonly string[]) => string | undefined

function programOf(program: string, args: readonly string[]): Foresee | undefined {
  if (program === 'kernelstub') return kernelstub(args)
  const [which, ...flags] = args
  if (program !== 'grubby' || which !== '--update-kernel=ALL') return undefined
  const words = (flag: string) => flags.flatMap((one) => (one.startsWith(flag) ? wordsOf(one.slice(flag.length)) : []))
  return grubby(words('--remove-args='), words('--args='))
}

function grubby(removed: readonly string[], added: readonly string[]): Foresee {
  const exchange: Exchange = (line) => exchanged(line, removed, added)
  const remove: Exchange = (line) => exchanged(line, removed, [])
  return (path, text, all) => {
    // Where entries name the variable, words are added to it, in the environment.
    const isShared = all.some((one) => one.includes('$kernelopts'))
    if (path.endsWith('.conf')) return withOptions(text, isShared ? remove : exchange)
    if (path.endsWith('/grubenv')) return text.replace(/^(kernelopts=)(.*)$/m, (_, name, line) => name + exchange(line))
    if (path.endsWith('/cmdline')) return text.replace(/^.*/, exchange)
    // Of the settings only the line changes, which nobody reads beside entries.
    return text
  }
}

/** Several lines `options` are one: words leave all of them and are added to the last. */
function withOptions(text: string, exchange: Exchange): string {
  const lines = entryLines(text).filter(({ key }) => key === 'options')
  const [last] = lines.slice(-1)
  if (last === undefined) return text
  const line = exchange(lines.map(({ value }) => value).join(' '))
  const splices = lines.map(({ start, end }) => ({ start, end, text: start === last.start ? line : '' }))
  return applySplices(text, splices)
}

function kernelstub([flag, line = '']: readonly string[]): Foresee {
  const words = wordsOf(line)
  const edit = (options: readonly string[]): readonly string[] => {
    if (flag === '-a') return [...options, ...words.filter((word) => !options.includes(word))]
    return flag === '-d' ? options.filter((option) => !words.includes(option)) : options
  }
  return (path, text) => (path.endsWith('/configuration') ? withKernelOptions(text, edit) : undefined)
}

function exchanged(line: string, removed: readonly string[], added: readonly string[]): string {
  const { words, end } = commandWords(line)
  const kept = words.map((word) => line.slice(word.start, word.end)).filter((word) => !removed.includes(word))
  const forInit = wordsOf(line.slice(end))
  return [...kept, ...forInit, ...added.filter((word) => !kept.includes(word))].join(' ')
}

function wordsOf(text: string): readonly string[] {
  return text.split(' ').filter((word) => word !== '')
}
