import { lineAt, readShellScript, type ShellAssignment, type ShellScript } from './shell-assignments.js'
import { type FileTexts, type InsertionPoint, SEPARATOR, type SourceCharacter, type SourceLine } from './source-line.js'
import { unclearLine } from './unclear-line.js'

/** Variable for every entry of GRUB's menu. */
const EVERY_ENTRY = 'GRUB_CMDLINE_LINUX'
/** Variable for the entries that are booted by default, not those of the recovery mode; it comes last on the line. */
const NORMAL_ENTRIES = 'GRUB_CMDLINE_LINUX_DEFAULT'
/** Commands behind which nothing in a script is certain. */
const UNCLEAR_COMMANDS = new Set(['.', 'source', 'eval', 'exec', 'exit', 'return'])

/**
 * The command line that GRUB's settings come to: `/etc/default/grub`, then the files that override it.
 * @param texts the files in the order in which grub-mkconfig reads them
 * @returns undefined when neither variable is set
 * @throws JANUS_HOST_UNFIT naming file and line where only a shell could tell
 */
export function grubLine(texts: FileTexts): SourceLine | undefined {
  const scripts = [...texts].map(([path, text]) => ({ path, text, script: readScript(path, text) }))
  const [every, normal] = [EVERY_ENTRY, NORMAL_ENTRIES].map((name) => readVariable(name, scripts))
  const target = normal ?? every
  if (target === undefined) return undefined
  const before = normal === undefined || every === undefined ? [] : [...every.characters, SEPARATOR]
  return {
    label: `${target.end.path} (${target.name})`,
    characters: [...before, ...target.characters],
    end: target.end,
    endPartFrom: before.length,
  }
}

/** A file of settings with one more line, that sets the variable of the normal entries to nothing yet. */
export function withEmptyVariable(text: string): string {
  if (text === '') return `${NORMAL_ENTRIES}=""\n`
  return text.endsWith('\n') ? `${text}${NORMAL_ENTRIES}=""\n` : `${text}\n${NORMAL_ENTRIES}=""`
}

interface Script {
  readonly path: string
  readonly text: string
  readonly script: ShellScript
}

interface Variable {
  readonly name: string
  readonly characters: readonly SourceCharacter[]
  readonly end: InsertionPoint
}

function readScript(path: string, text: string): ShellScript {
  const script = readShellScript(text)
  if ('problem' in script) throw unclearLine(path, script.line, script.problem)
  for (const { line, name, text: command } of script.commands) {
    if (UNCLEAR_COMMANDS.has(name)) throw unclearLine(path, line, `${JSON.stringify(name)} runs or ends something`)
    if (command.includes(EVERY_ENTRY)) throw unclearLine(path, line, `a command mentions ${EVERY_ENTRY}`)
  }
  const assigning = /\$\{GRUB_CMDLINE_LINUX(?:_DEFAULT)?:?=/.exec(text)
  if (assigning !== null) throw unclearLine(path, lineAt(text, assigning.index), 'an expansion assigns a value')
  return script
}

function readVariable(name: string, scripts: readonly Script[]): Variable | undefined {
  let variable: Variable | undefined
  for (const { path, text, script } of scripts) {
    for (const assignment of script.assignments.filter((one) => one.name === name)) {
      variable = assign(variable, path, text, assignment)
    }
  }
  return variable
}

function assign(before: Variable | undefined, path: string, text: string, assignment: ShellAssignment): Variable {
  const { name, line, isAppended, isCertain, parts, start, word } = assignment
  if (!isCertain) throw unclearLine(path, line, `${name} is set under a condition`)
  const characters: SourceCharacter[] = isAppended ? [...(before?.characters ?? [])] : []
  let isOwnValueUsed = isAppended
  for (const part of parts) {
    if (part.kind === 'character') {
      if (/[\n\r\0]/.test(part.character)) throw unclearLine(path, line, `${name} holds a line end`)
      characters.push({ ...part, path })
    } else if (part.kind === 'reference' && part.name === name && !isOwnValueUsed) {
      isOwnValueUsed = true
      characters.push(...(before?.characters ?? []))
    } else throw unclearLine(path, line, `${name} holds ${JSON.stringify(text.slice(part.start, part.end))}`)
  }
  const isBare =
    word.insertQuote === 'none' &&
    parts.every((part) => part.kind === 'character' && part.quote === 'none' && part.end === part.start + 1)
  const end = { path, offset: word.insertAt, quote: word.insertQuote, ...(isBare ? { wrapFrom: start } : {}) }
  return { name, characters, end }
}
