import type { Condition } from '../contract/change.js'
import {
  type KernelParameter,
  lastMember,
  lastParameter,
  parseKernelCommandLine,
} from '../inventory/kernel-command-line.js'
import { parameterBehind } from '../inventory/parameter-behind.js'

type ParameterCondition = Extract<Condition, { kind: 'parameter' }>

/** Where the command line begins on a line of a file that holds several. */
const BEGINNINGS: Readonly<Record<NonNullable<ParameterCondition['lines']>, RegExp>> = {
  linux: /^[^\S\n]*linux(?:16|efi)?[^\S\n]+(.*)$/gm,
  options: /^[^\S\n]*options[^\S\n]+(.*)$/gm,
  kernelopts: /^kernelopts=(.*)$/gm,
}

/**
 * How a file contradicts a condition about a parameter.
 * @returns what was found instead; undefined where the condition holds
 */
export function contradictingParameter(text: string, condition: ParameterCondition): string | undefined {
  const { name, value } = condition
  const found = commandLinesIn(text, condition).map((line) => valueOn(parseKernelCommandLine(line), condition))
  if (value === null) return found[0] === undefined ? undefined : `${name} is ${JSON.stringify(found[0])}`
  const present = found.filter((one) => one !== undefined)
  if (present.includes(value)) return undefined
  const [other] = present.slice(-1)
  return other === undefined ? `${name} is not there` : `${name} is ${JSON.stringify(other)}`
}

/** A condition about a parameter as a sentence. */
export function describeParameter({ path, name, value, after, among, lines }: ParameterCondition): string {
  const where = after === undefined ? '' : ` behind ${after.names.join(' or ')}=${after.values[0] ?? ''}`
  const list = among === undefined ? '' : ' (alone or in a list)'
  if (value === null) {
    const word = among === undefined ? name : `${name}=${among.join('|')}`
    return `${path} has no ${word}${list}${where}${lines === undefined ? '' : ` on its first line ${lines}`}`
  }
  const word = value === '' ? name : `${name}=${value}`
  return `${path} has ${word}${list}${where}${lines === undefined ? '' : ` on a line ${lines}`}`
}

function commandLinesIn(text: string, { lines }: ParameterCondition): readonly string[] {
  if (lines === undefined) return [text]
  const found = [...text.matchAll(BEGINNINGS[lines])].map(([, line = '']) => line)
  // Several lines of an entry are one for the kernel.
  return lines === 'options' && found.length > 0 ? [found.join(' ')] : found
}

function valueOn(parameters: readonly KernelParameter[], { name, after, among }: ParameterCondition) {
  if (after !== undefined) return parameterBehind(parameters, name, after)
  return among === undefined ? lastParameter(parameters, name) : lastMember(parameters, name, among)
}
