import type { ToolAction } from '../contract/action.js'
import { optionWords } from '../warrant/option-words.js'
import type { ToolEntry } from '../warrant/resolve-tool.js'

/** The words that a tool action would run: its program, then everything behind it. */
export interface CommandWords {
  readonly program: string
  readonly words: readonly string[]
}

/** The command of an action, as its tool is configured; by the name of the tool alone when it is not. */
export function commandOf(action: ToolAction, entry: ToolEntry | undefined): CommandWords {
  const [program = action.tool, ...first] = entry?.command ?? []
  return { program, words: [...first, ...action.args, ...optionWords(action.kwargs)] }
}
