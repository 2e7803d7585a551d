import type { Host } from '../contract/host.js'
import { readValue } from './read-value.js'

/** One parameter of the kernel command line. */
export interface KernelParameter {
  readonly name: string
  /** What follows the first `=`; undefined for a bare word. */
  readonly value: string | undefined
}

/** The kernel command line as the kernel was given it, undefined when the host does not show it. */
export async function readKernelCommandLine(host: Host): Promise<string | undefined> {
  return readValue(host, '/proc/cmdline')
}

/**
 * Splits a kernel command line as the kernel does (lib/cmdline.c, `next_arg`): double quotes keep spaces together, and
 * are dropped when they enclose a value or the whole parameter. What follows `--` is for init.
 * @returns the parameters in order; of the same name the last one wins
 */
export function parseKernelCommandLine(line: string): KernelParameter[] {
  const parameters: KernelParameter[] = []
  for (const word of splitWords(line)) {
    if (word === '--') break
    const whole = word.startsWith('"') ? stripQuotes(word) : word
    const equals = whole.indexOf('=')
    if (equals < 0) parameters.push({ name: whole, value: undefined })
    else parameters.push({ name: whole.slice(0, equals), value: stripQuotes(whole.slice(equals + 1)) })
  }
  return parameters
}

/** Value of the last parameter of this name, `''` for a bare word, undefined when there is none; `-` and `_` are the same. */
export function lastParameter(parameters: readonly KernelParameter[], name: string): string | undefined {
  const last = parameters.findLast((parameter) => isSameParameter(name, parameter.name))
  return last === undefined ? undefined : (last.value ?? '')
}

/**
 * Of parameters whose values are comma lists and add up, such as `iommu=soft,pt`: which of these members comes last.
 * @returns undefined when none of them is there
 */
export function lastMember(
  parameters: readonly KernelParameter[],
  name: string,
  among: readonly string[],
): string | undefined {
  const own = parameters.filter((parameter) => isSameParameter(name, parameter.name))
  return own.flatMap(({ value }) => value?.split(',') ?? []).findLast((member) => among.includes(member))
}

/** The kernel takes `-` and `_` in the name of a parameter for the same. */
export function isSameParameter(one: string, other: string): boolean {
  return one.replaceAll('-', '_') === other.replaceAll('-', '_')
}

function splitWords(line: string): string[] {
  return line.match(/(?:"[^"]*(?:"|$)|[^\s"])+/g) ?? []
}

function stripQuotes(text: string): string {
  if (!text.startsWith('"')) return text
  const inner = text.slice(1)
  return inner.endsWith('"') ? inner.slice(0, -1) : inner
}
