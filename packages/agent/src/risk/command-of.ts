import type { ToolAction } from '../contract/action.js'
import type { ToolEntry } from '../contract/tool-entry.js'
import { parseCommandLine } from '../tools/command-line.js'
import { optionWords } from '../warrant/option-words.js'

/** The words that a tool action would run: its program, what its configuration puts behind it, and what the action does. */
export interface CommandWords {
  readonly program: string
  /** Chosen by whoever configured the tool, not by who proposes. */
  readonly first: readonly string[]
  readonly words: readonly string[]
}

/** The command of an action, as its tool is configured; by the name of the tool alone when it is not. */
export function commandOf(action: ToolAction, entry: ToolEntry | undefined): CommandWords {
  const given = [...action.args, ...optionWords(action.kwargs)]
  if (entry?.commandLine === true) return commandLineOf(given)
  const [program = action.tool, ...first] = entry?.command ?? []
  // Code that is part of the tool and pinned with it is its program, whatever reads it.
  const [script, ...behind] = first
  if (script !== undefined && entry?.code !== undefined && isInside(script, entry.code))
    return { program: script, first: behind, words: given }
  return { program, first, words: given }
}

/** A line that is no simple command may name anything anywhere, as one of a shell. */
function commandLineOf(given: readonly string[]): CommandWords {
  const [line = '', ...more] = given
  if (more.length > 0) return { program: line, first: [], words: more }
  const parsed = parseCommandLine(line)
  if (!parsed.ok) return { program: 'sh', first: ['-c'], words: given }
  const [program = '', ...words] = parsed.words
  return { program, first: [], words }
}

function isInside(path: string, directories: readonly string[]): boolean {
  return directories.some((directory) => path === directory || path.startsWith(`${directory}/`))
}
