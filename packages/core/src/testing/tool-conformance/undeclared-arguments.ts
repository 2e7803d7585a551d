import type { ArgumentGrammar, ToolManifest } from '../../contract/tool.js'
import type { ToolExample } from './tool-trial.js'

const UNKNOWN = 'janus-conformance-unknown'

/** Argument lists that the grammar of a tool does not take, whatever it is: each with what is wrong with it. */
export function undeclaredArguments(
  tool: ToolManifest,
  examples: readonly ToolExample[],
): readonly { readonly what: string; readonly args: readonly string[] }[] {
  const good = examples[0]?.args ?? []
  const words = subcommandOf(tool.arguments, good)
  const { grammar } = words
  const paths = grammar.positionals.findIndex(({ value }) => value.kind === 'path')
  const isOpen = grammar.positionals.at(-1)?.repeatable === true
  return [
    { what: 'an option that is not declared', args: [...words.before, `--${UNKNOWN}`, ...words.behind] },
    {
      what: 'an option with a value that is not declared',
      args: [...words.before, `--${UNKNOWN}=/etc/passwd`, ...words.behind],
    },
    { what: 'a NUL', args: [...good, 'a\0b'] },
    ...(isOpen ? [] : [{ what: 'more than it takes', args: [...good, ...Array<string>(64).fill('surplus')] }]),
    ...(paths === -1
      ? []
      : ['../outside', '/etc/passwd', '%2e%2e/outside'].map((path) => ({
          what: `the path ${path}`,
          args: [...words.before, ...grammar.positionals.slice(0, paths).map(() => 'x'), path],
        }))),
  ]
}

/** The innermost grammar that an example leads to, and the words before and behind the place where its options may stand. */
function subcommandOf(
  grammar: ArgumentGrammar,
  args: readonly string[],
): { readonly grammar: ArgumentGrammar; readonly before: readonly string[]; readonly behind: readonly string[] } {
  const at = args.findIndex((word) => grammar.subcommands !== undefined && Object.hasOwn(grammar.subcommands, word))
  const inner = at === -1 ? undefined : grammar.subcommands?.[args[at] ?? '']
  if (inner === undefined) return { grammar, before: [], behind: args }
  const deeper = subcommandOf(inner, args.slice(at + 1))
  return { ...deeper, before: [...args.slice(0, at + 1), ...deeper.before] }
}
