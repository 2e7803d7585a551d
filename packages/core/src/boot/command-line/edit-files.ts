import { janusError } from '../../errors/janus-error.js'
import type { CommandLineRequest } from './command-line-request.js'
import { type LineEdit, removeParameter, setParameter } from './edit-line.js'
import { requireAmounts } from './require-amounts.js'
import { applySplices, type FileTexts, lineText, type Quote, type SourceLine, type Splice } from './source-line.js'

/**
 * Edits files so that every command line in them is as asked, and changes nothing else in them.
 * @param texts the files, in Latin-1
 * @param parse finds the command lines; called again after every edit
 * @throws JANUS_HOST_UNFIT for a quote that does not end, and where other amounts would change with the one that is asked for
 */
export function editFiles(
  texts: FileTexts,
  parse: (texts: FileTexts) => readonly SourceLine[],
  { set, remove = [], removeDuplicates = false }: CommandLineRequest,
): FileTexts {
  let edited = texts
  const edit = (edits: (line: string) => readonly LineEdit[]): void => {
    // One line at a time: two lines may share a part of a file.
    for (let index = 0; index < parse(edited).length; index++) {
      const line = parse(edited)[index]
      if (line === undefined) continue
      requireClosedQuotes(line)
      edited = editLine(edited, line, edits(lineText(line)))
    }
  }
  for (const asked of remove) edit((line) => removeParameter(line, asked))
  for (const asked of set) edit((line) => setParameter(line, asked, removeDuplicates))
  const before = parse(texts)
  for (const [index, line] of parse(edited).entries()) {
    const was = before[index]
    if (was === undefined) continue
    for (const asked of remove) requireAmounts(was, line, asked, false)
    for (const asked of set) requireAmounts(was, line, asked, true)
  }
  return edited
}

/** Behind a quote that does not end, the kernel would take a new word for part of the old one. */
function requireClosedQuotes(line: SourceLine): void {
  const quotes = line.characters.filter(({ character }) => character === '"').length
  if (quotes % 2 === 0) return
  const message = `a double quote does not end on the kernel command line of ${line.label}`
  throw janusError('JANUS_HOST_UNFIT', message, { remedy: 'Close it, and plan again.', data: { line: lineText(line) } })
}

function editLine(texts: FileTexts, line: SourceLine, edits: readonly LineEdit[]): FileTexts {
  const splices = edits.flatMap((edit) => splicesFor(line, edit))
  const edited = new Map(texts)
  for (const path of new Set(splices.map((splice) => splice.path))) {
    const own = splices.filter((splice) => splice.path === path)
    edited.set(path, applySplices(texts.get(path) ?? '', own))
  }
  return edited
}

interface FileSplice extends Splice {
  readonly path: string
}

function splicesFor(line: SourceLine, { from, to, text }: LineEdit): readonly FileSplice[] {
  const { characters } = line
  const cut = characters.slice(from, to).filter(({ path }) => path !== '')
  const cuts = cut.map(({ path, start, end }) => ({ path, start, end, text: '' }))
  if (text === '') return cuts
  const [first] = cut
  if (first !== undefined) {
    const { path, start, quote } = first
    return [{ path, start, end: start, text: quoted(text, quote) }, ...cuts]
  }
  const [before, behind] = [characters[from - 1], characters[from]]
  if (behind !== undefined && before !== undefined && before.path !== '') {
    const { path, end, quote } = before
    return [{ path, start: end, end, text: quoted(text, quote) }]
  }
  if (behind !== undefined && behind.path !== '') {
    const { path, start, quote } = behind
    return [{ path, start, end: start, text: quoted(text, quote) }]
  }
  return appended(line, text.trim())
}

function appended({ characters, end, endPartFrom }: SourceLine, text: string): readonly FileSplice[] {
  const { path, offset, quote, wrapFrom } = end
  const last = characters.length > endPartFrom ? characters.at(-1)?.character : undefined
  const spaced = last === undefined || /\s/.test(last) ? text : ` ${text}`
  if (wrapFrom === undefined) return [{ path, start: offset, end: offset, text: quoted(spaced, quote) }]
  if (wrapFrom === offset) return [{ path, start: offset, end: offset, text: `"${spaced}"` }]
  return [
    { path, start: wrapFrom, end: wrapFrom, text: '"' },
    { path, start: offset, end: offset, text: `${spaced}"` },
  ]
}

/** A parameter needs no quotes by itself; two words, or one more word, do. */
function quoted(text: string, quote: Quote): string {
  return quote === 'none' && /\s/.test(text) ? `"${text}"` : text
}
