import { shellWords } from './shell-words.js'

/** What a module's error says about one refusal, as far as a remedy needs it. */
export interface RefusalData {
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
  const refusals = refusalsOf(data)
  return refusals.length === 0 ? undefined : [...new Set(refusals.map(remedyOf))].join(' ')
}

/** The refusals that an error lists; none where they are not of the form. */
export function refusalsOf({ refusals }: Readonly<Record<string, unknown>>): readonly RefusalData[] {
  return Array.isArray(refusals) && refusals.every(isRefusal) ? refusals : []
}

/** The option with which a human may insist, as name and value; undefined where it is not of the form. */
export function optionOf({ option }: RefusalData): { readonly name: string; readonly value: unknown } | undefined {
  const [, name, json] = /^([A-Za-z]\w*): (.+)$/s.exec(option ?? '') ?? []
  if (name === undefined || json === undefined) return undefined
  try {
    return { name, value: JSON.parse(json) as unknown }
  } catch {
    return undefined
  }
}

function remedyOf(refusal: RefusalData): string {
  const { remedy, option } = refusal
  return option === undefined ? remedy : `${remedy} If you insist: ${optionWords(refusal) ?? option}.`
}

/** What is not of the form stays as it is: it still tells a human. */
function optionWords(refusal: RefusalData): string | undefined {
  const option = optionOf(refusal)
  if (option === undefined) return undefined
  const items = Array.isArray(option.value) ? option.value : [option.value]
  return shellWords(
    items.flatMap((item) => ['-o', `${option.name}=${typeof item === 'string' ? item : JSON.stringify(item)}`]),
  )
}

function isRefusal(value: unknown): value is RefusalData {
  if (typeof value !== 'object' || value === null) return false
  const { remedy, option } = value as Readonly<Record<string, unknown>>
  return typeof remedy === 'string' && (option === undefined || typeof option === 'string')
}
