import type { ToolAction } from '../contract/action.js'
import type { ToolEntry } from '../contract/tool-entry.js'
import { type ArgumentRefusal, checkArguments, type GivenArguments } from './check-arguments.js'
import { parseCommandLine } from './command-line.js'

/** What a tool action comes to: the program and its words, or why it is refused. */
export type CheckedToolAction =
  | { readonly ok: true; readonly program: string; readonly argv: readonly string[] }
  | { readonly ok: false; readonly refusal: ArgumentRefusal }

/**
 * Holds an action to the grammar of its tool: when it is proposed, and again when it is resolved.
 * @returns what would be run: the program as it is named, and everything behind it
 */
export function checkToolAction(action: ToolAction, entry: ToolEntry): CheckedToolAction {
  const { manifest, command, working_directory: workingDirectory } = entry
  const context = { domains: action.network, workingDirectory }
  if (action.network.length > 0 && !entry.allow_network) return no('network', 'is not given to this tool')
  const given = entry.commandLine === true ? commandWords(action) : action
  if ('refusal' in given) return { ok: false, refusal: given.refusal }
  const checked = checkArguments(manifest.arguments, given, context)
  if (!checked.ok) return checked
  const [program, ...argv] = entry.commandLine === true ? checked.argv : [...command, ...checked.argv]
  return program === undefined ? no('the tool', 'has no program') : { ok: true, program, argv }
}

/** One argument is a line, several are its words already. */
function commandWords({ args, kwargs }: ToolAction): GivenArguments | { readonly refusal: ArgumentRefusal } {
  const [line, ...more] = args
  if (line === undefined || more.length > 0) return { args, kwargs }
  const parsed = parseCommandLine(line)
  return parsed.ok ? { args: parsed.words, kwargs } : { refusal: { argument: 'argument 1', because: parsed.because } }
}

function no(argument: string, because: string): CheckedToolAction {
  return { ok: false, refusal: { argument, because } }
}
