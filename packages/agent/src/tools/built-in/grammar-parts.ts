import type { ArgumentGrammar, ArgumentOption, ArgumentPositional, ArgumentValue } from '../../contract/tool.js'

/** Any text. */
export const TEXT: ArgumentValue = { kind: 'text' }
/** A path in the workspace. */
export const PATH: ArgumentValue = { kind: 'path' }

/** Options that take no value, each by all its names. */
export function flags(...names: readonly (string | readonly string[])[]): readonly ArgumentOption[] {
  return names.map((each) => ({ names: typeof each === 'string' ? [each] : each }))
}

/** An option with a value. */
export function option(names: readonly string[], value: ArgumentValue, repeatable = false): ArgumentOption {
  return { names, value, ...(repeatable ? { repeatable } : {}) }
}

/** A whole number in bounds. */
export function integer(least: number, most: number): ArgumentValue {
  return { kind: 'integer', least, most }
}

/** One of these words. */
export function choice(...of: readonly string[]): ArgumentValue {
  return { kind: 'choice', of }
}

/** A text of this form. */
export function pattern(form: string): ArgumentValue {
  return { kind: 'pattern', pattern: form }
}

/** As many paths as there are. */
export const PATHS: ArgumentPositional = { name: 'path', value: PATH, optional: true, repeatable: true }

/** A grammar; what is left out is empty. */
export function grammar(parts: Partial<ArgumentGrammar>): ArgumentGrammar {
  return { options: [], positionals: [], separator: false, ...parts }
}
