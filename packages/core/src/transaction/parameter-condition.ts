import type { Condition } from '../contract/change.js'
import {
  type KernelParameter,
  lastMember,
  lastParameter,
  parseKernelCommandLine,
} from '../inventory/kernel-command-line.js'

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
  const present = found.filter((one) => one !== undefined)
  const holds = value === null ? present.length === 0 : present.includes(value)
  if (holds) return undefined
  const [other] = present.slice(-1)
  return other === undefined ? `${name} is not there` : `${name} is ${JSON.stringify(other)}`
}

/** A condition about a parameter as a sentence. */
export function describeParameter({ path, name, value, after, among, lines }: ParameterCondition): string {
  const where = after === undefined ? '' : ` behind ${after.names.join(' or ')}=${after.values[0] ?? ''}`
  const line = lines === undefined ? '' : ` on a line ${lines}`
  if (value === null) return `${path} has no ${name}${where}${line}`
  const word = value === '' ? name : `${name}=${value}`
  return `${path} has ${word}${among === undefined ? '' : ' (alone or in a list)'}${where}${line}`
}

function commandLinesIn(text: string, { lines }: ParameterCondition): readonly string[] {
  return lines === undefined ? [text] : [...text.matchAll(BEGINNINGS[lines])].map(([, line = '']) => line)
}

function valueOn(parameters: readonly KernelParameter[], { name, after, among }: ParameterCondition) {
  return among === undefined ? lastParameter(parameters, name, after) : lastMember(parameters, name, among)
}
