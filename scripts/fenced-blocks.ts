/** A fenced block of a page. */
export interface FencedBlock {
  /** The first word behind the fence; empty when there is none. */
  readonly language: string
  /** The words behind the language: the name of a file, or how the block is checked. */
  readonly words: readonly string[]
  /** Without the fences, with its last newline. */
  readonly text: string
  /** Line of the opening fence, from 1. */
  readonly line: number
}

const FENCE = /^( {0,3})(`{3,}|~{3,})([^`]*)$/

/** The fenced blocks of a page, in order. */
export function fencedBlocks(markdown: string): readonly FencedBlock[] {
  const blocks: FencedBlock[] = []
  let open: { readonly mark: string; readonly info: string; readonly line: number; readonly body: string[] } | undefined
  for (const [index, line] of markdown.split('\n').entries()) {
    const [, , mark = '', info = ''] = FENCE.exec(line) ?? []
    if (open === undefined) {
      if (mark !== '') open = { mark, info: info.trim(), line: index + 1, body: [] }
    } else if (mark.startsWith(open.mark) && info.trim() === '') {
      const [language = '', ...words] = open.info.split(/\s+/)
      blocks.push({ language, words, text: open.body.map((one) => `${one}\n`).join(''), line: open.line })
      open = undefined
    } else open.body.push(line)
  }
  return blocks
}

/** The lines of a page that stand outside of its fenced blocks, with their numbers from 1. */
export function proseLines(markdown: string): readonly { readonly line: number; readonly text: string }[] {
  const lines = markdown.split('\n').map((text, index) => ({ line: index + 1, text }))
  const within = fencedBlocks(markdown).map(({ line, text }) => [line, line + text.split('\n').length] as const)
  return lines.filter(({ line }) => !within.some(([first, last]) => line >= first && line <= last))
}

/** A command of a session, and what a page says that it prints. */
export interface ShownCommand {
  readonly command: string
  /** Without a last newline; empty when nothing is shown. */
  readonly shown: string
}

/** The commands of a block in which each line that begins with `$ ` is one, and the lines behind it are printed. */
export function shownCommands(text: string): readonly ShownCommand[] {
  return text
    .split(/^\$ /m)
    .slice(1)
    .map((part) => {
      const [command = '', ...printed] = part.replace(/\n$/, '').split('\n')
      return { command, shown: printed.join('\n') }
    })
}

/** On a line of its own in what a page says is printed: anything, or nothing. */
const GAP = '…'

/** The first part of what a page shows that is not there, in its place; parts are separated by gaps. */
export function missingPart(output: string, shown: string): string | undefined {
  const printed = `\n${withoutTrailingSpace(output)}\n`
  let from = 0
  for (const part of withoutTrailingSpace(shown).split(new RegExp(`^ *${GAP}$`, 'm'))) {
    const wanted = part.replace(/^\n+|\n+$/g, '')
    if (wanted === '') continue
    const found = printed.indexOf(`\n${wanted}\n`, from)
    if (found === -1) return wanted
    from = found + wanted.length
  }
  return undefined
}

function withoutTrailingSpace(text: string): string {
  return text.replace(/[ \t]+$/gm, '')
}
