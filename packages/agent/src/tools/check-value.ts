import type { ArgumentValue } from '../contract/tool.js'
import { pathProblem } from './path-problem.js'
import { urlProblem } from './url-problem.js'

/** What arguments are checked against besides their grammar. */
export interface ArgumentContext {
  /** Domains of the action, each `host` or `host:port`. */
  readonly domains: readonly string[]
  /** Where relative paths begin, inside. Default `/workspace`. */
  readonly workingDirectory?: string | undefined
}

const MOST_TEXT_BYTES = 4096
const MOST_PATTERN_BYTES = 1024

/** Why a text is not what an argument may be; undefined when it is. */
export function valueProblem(value: ArgumentValue, text: string, context: ArgumentContext): string | undefined {
  switch (value.kind) {
    case 'text': {
      const most = value.mostBytes ?? MOST_TEXT_BYTES
      return Buffer.byteLength(text) > most ? `is longer than ${most} bytes` : undefined
    }
    case 'integer':
      return integerProblem(value, text)
    case 'choice':
      return value.of.includes(text) ? undefined : `is none of ${value.of.join(', ')}`
    case 'path':
      return pathProblem(text, { below: value.below ?? [], workingDirectory: context.workingDirectory })
    case 'url':
      return urlProblem(text, context.domains)
    case 'pattern':
      if (Buffer.byteLength(text) > MOST_PATTERN_BYTES) return `is longer than ${MOST_PATTERN_BYTES} bytes`
      return new RegExp(`^(?:${value.pattern})$`, 'u').test(text)
        ? undefined
        : `does not have the form ${value.pattern}`
  }
}

function integerProblem(
  { least = Number.MIN_SAFE_INTEGER, most = Number.MAX_SAFE_INTEGER }: Extract<ArgumentValue, { kind: 'integer' }>,
  text: string,
): string | undefined {
  if (!/^-?(?:0|[1-9]\d{0,15})$/.test(text)) return 'is no whole number'
  const number = Number(text)
  return number >= least && number <= most ? undefined : `is not between ${least} and ${most}`
}
