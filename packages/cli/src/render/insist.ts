import { shellWords } from './shell-words.js'

/** What a module's error says about one refusal, as far as a remedy needs it. */
interface RefusalData {
  readonly remedy: string
  /** The option with which a human may insist, as `<name>: <JSON>`. */
  readonly option?: string
}

/**
 * The remedy of an error that lists refusals, in the words of a command line: `-o includeSiblings=0000:03:00.1`.
 * @param data of the error; a module wrote it
 * @returns undefined for an error without refusals
 */
export function remedyOfRefusals(data: Readonly<Record<string, unknown>>): string | undefined {
  const { refusals } = data
  if (!Array.isArray(refusals) || refusals.length === 0 || !refusals.every(isRefusal)) return undefined
  return [...new Set(refusals.map(remedyOf))].join(' ')
}

function remedyOf({ remedy, option }: RefusalData): string {
  return option === undefined ? remedy : `${remedy} If you insist: ${optionWords(option)}.`
}

/** What is not of the form stays as it is: it still tells a human. */
function optionWords(option: string): string {
  const [, name, json] = /^([A-Za-z]\w*): (.+)$/s.exec(option) ?? []
  if (name === undefined || json === undefined) return option
  try {
    const value: unknown = JSON.parse(json)
    const items = Array.isArray(value) ? value : [value]
    return shellWords(
      items.flatMap((item) => ['-o', `${name}=${typeof item === 'string' ? item : JSON.stringify(item)}`]),
    )
  } catch {
    return option
  }
}

function isRefusal(value: unknown): value is RefusalData {
  if (typeof value !== 'object' || value === null) return false
  const { remedy, option } = value as Readonly<Record<string, unknown>>
  return typeof remedy === 'string' && (option === undefined || typeof option === 'string')
}
