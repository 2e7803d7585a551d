import type { ValueKind } from './command-spec.js'

/**
 * What the placeholders of the command table stand for: `<file>` is completed with files, wherever it is asked for.
 * Parts between bars are alternatives: `<module|plan>`. An empty list is a value that nobody can propose.
 */
export const PLACEHOLDERS: Readonly<Record<string, ValueKind>> = {
  address: 'device',
  days: [],
  directory: 'directory',
  file: 'file',
  'key=value': 'option',
  loss: [],
  module: 'module',
  package: 'directory',
  path: 'file',
  plan: 'plan',
  profile: 'profile',
  shell: ['bash', 'zsh', 'fish'],
  transaction: 'transaction',
}

/** A placeholder in commander's notation, read: `<module|plan>`, `[module...]`. */
export interface Placeholder {
  readonly names: readonly string[]
  /** Takes several values. */
  readonly several: boolean
}

/** Reads the placeholder in `--device <address...>` or `[module...]`; undefined when there is none. */
export function readPlaceholder(notation: string): Placeholder | undefined {
  const inner = /[<[]([^>\]]+)[>\]]/.exec(notation)?.[1]
  if (inner === undefined) return undefined
  const several = inner.endsWith('...')
  return { names: (several ? inner.slice(0, -3) : inner).split('|'), several }
}
