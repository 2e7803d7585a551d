import { readShellWord, type ShellPart, ShellSyntaxError, type ShellWord } from './shell-scanner.js'

/** One assignment of a script. */
export interface ShellAssignment {
  readonly name: string
  readonly isAppended: boolean
  readonly line: number
  /** False where it is made only under a condition, in a function, or for one command. */
  readonly isCertain: boolean
  readonly parts: readonly ShellPart[]
  /** Where the value begins and ends in the file. */
  readonly start: number
  readonly word: ShellWord
}

/** Any other command of a script. */
export interface ShellCommand {
  readonly line: number
  /** Its first word as it is written. */
  readonly name: string
  readonly text: string
}

/** A script as far as it can be read without running it. */
export interface ShellScript {
  readonly assignments: readonly ShellAssignment[]
  readonly commands: readonly ShellCommand[]
}

/** What a script cannot be read for. */
export interface ShellProblem {
  readonly line: number
  readonly problem: string
}

const ASSIGNMENT = /^([A-Za-z_][A-Za-z0-9_]*)(\+?)=/
const OPENING = new Set(['if', 'for', 'while', 'until', 'case', 'select', '{'])
const CLOSING = new Set(['fi', 'done', 'esac', '}'])
const PASSED = new Set(['then', 'else', 'do', '!', 'export'])

/**
 * Reads the assignments of a script, such as /etc/default/grub, and which of them are made for certain.
 * @returns a problem with its line where the text is no shell script, or has a here document
 */
export function readShellScript(text: string): ShellScript | ShellProblem {
  try {
    return new ScriptReader(text).read()
  } catch (error) {
    if (!(error instanceof ShellSyntaxError)) throw error
    return { line: lineAt(text, error.offset), problem: error.message }
  }
}

/** Number of the line in which an offset lies. */
export function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length
}

class ScriptReader {
  readonly #text: string
  #at = 0
  #depth = 0
  #parentheses = 0
  readonly #assignments: ShellAssignment[] = []
  readonly #commands: ShellCommand[] = []

  constructor(text: string) {
    this.#text = text
  }

  read(): ShellScript {
    while (this.#at < this.#text.length) this.#readList()
    return { assignments: this.#assignments, commands: this.#commands }
  }

  /** Commands up to a line end or a semicolon: joined by `&&`, `||`, `|` or `&` none of their assignments is certain. */
  #readList(): void {
    const first = this.#assignments.length
    let words: ShellWord[] = []
    let isJoined = false
    for (;;) {
      this.#skipBlanks()
      const character = this.#text[this.#at]
      if (character === undefined || character === '\n' || character === ';') {
        this.#at++
        break
      }
      if (character === '<' && this.#text[this.#at + 1] === '<' && this.#text[this.#at + 2] !== '<') {
        throw new ShellSyntaxError('a here document', this.#at)
      }
      if (/[&|()<>]/.test(character)) {
        if (character === '(') this.#parentheses++
        if (character === ')') this.#parentheses = Math.max(0, this.#parentheses - 1)
        if (!/[<>]/.test(character)) {
          isJoined = true
          this.#endCommand(words)
          words = []
        }
        this.#at++
      } else {
        const word = readShellWord(this.#text, this.#at)
        words.push(word)
        this.#at = word.end
      }
    }
    this.#endCommand(words)
    if (!isJoined) return
    for (let index = first; index < this.#assignments.length; index++) {
      const assignment = this.#assignments[index]
      if (assignment !== undefined) this.#assignments[index] = { ...assignment, isCertain: false }
    }
  }

  #skipBlanks(): void {
    for (;;) {
      const character = this.#text[this.#at]
      if (character === '\\' && this.#text[this.#at + 1] === '\n') this.#at += 2
      else if (character !== undefined && (character === ' ' || character === '\t')) this.#at++
      else if (character === '#') {
        const end = this.#text.indexOf('\n', this.#at)
        this.#at = end < 0 ? this.#text.length : end
      } else return
    }
  }

  #endCommand(all: readonly ShellWord[]): void {
    const words = [...all]
    for (let [word] = words; word !== undefined; [word] = words) {
      const raw = this.#raw(word)
      if (OPENING.has(raw)) this.#depth++
      if (CLOSING.has(raw)) this.#depth = Math.max(0, this.#depth - 1)
      if (!PASSED.has(raw) && !CLOSING.has(raw) && raw !== '{' && raw !== 'if' && raw !== 'while' && raw !== 'until')
        break
      words.shift()
    }
    const [first] = words
    if (first === undefined) return
    const isCertain = this.#depth === 0 && this.#parentheses === 0
    const onlyAssigns = words.every((word) => ASSIGNMENT.test(this.#raw(word)))
    if (!onlyAssigns) {
      const end = words.at(-1)?.end ?? first.end
      const text = this.#text.slice(first.start, end)
      this.#commands.push({ line: lineAt(this.#text, first.start), name: this.#raw(first), text })
    } else for (const word of words) this.#assignments.push(this.#assignment(word, isCertain))
  }

  #assignment(word: ShellWord, isCertain: boolean): ShellAssignment {
    const [head = '', name = '', plus] = ASSIGNMENT.exec(this.#raw(word)) ?? []
    const start = word.start + head.length
    const parts = word.parts.filter((part) => part.start >= start)
    return { name, isAppended: plus === '+', line: lineAt(this.#text, word.start), isCertain, parts, start, word }
  }

  #raw({ start, end }: ShellWord): string {
    return this.#text.slice(start, end)
  }
}
