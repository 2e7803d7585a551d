import type { ToolEntry } from '../../src/contract/tool-entry.js'
import type { ArgumentGrammar } from '../../src/index.js'

/** A grammar with these options, each with or without a value, and any texts behind them. */
export function grammarOf(...options: readonly string[]): ArgumentGrammar {
  return {
    options: options.map((name) => {
      const [plain = ''] = name.split('=')
      return name.includes('=')
        ? { names: [plain], value: { kind: 'text' }, repeatable: true }
        : { names: [name], repeatable: true }
    }),
    positionals: [{ name: 'text', value: { kind: 'text' }, optional: true, repeatable: true }],
    separator: false,
  }
}

/** A configured tool that reads only and takes what its grammar says. */
export function toolEntry(
  name: string,
  command: readonly string[],
  { grammar = grammarOf(), ...more }: Partial<ToolEntry> & { readonly grammar?: ArgumentGrammar } = {},
): ToolEntry {
  return {
    name,
    command,
    allow_network: false,
    manifest: {
      name,
      summary: name,
      command,
      sideEffects: 'none',
      network: false,
      writes: false,
      idempotent: true,
      reversible: true,
      interpreter: false,
      arguments: grammar,
    },
    source: 'configured',
    ...more,
  }
}
