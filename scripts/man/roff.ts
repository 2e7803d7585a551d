/**
 * A text as man(7) prints it: every character stands for itself. A hyphen stays one that can be pasted, a backslash is no escape, and a
 * line never begins with a request.
 * @param text one line or several
 */
export function roffText(text: string): string {
  return text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll('~', '\\(ti')
    .replaceAll('^', '\\(ha')
    .replaceAll('`', '\\(ga')
    .replaceAll("'", '\\(aq')
    .replace(/^(?=\.)/gm, '\\&')
}

/** A text as the argument of a macro, where a quotation mark would end it. */
export function roffArgument(text: string): string {
  return `"${roffText(text).replaceAll('"', '\\(dq')}"`
}

/** A section under its heading; nothing when it holds nothing. */
export function section(heading: string, ...blocks: readonly string[]): string {
  const held = blocks.filter((block) => block !== '')
  return held.length === 0 ? '' : [`.SH ${roffArgument(heading)}`, ...held].join('\n')
}

/** Terms in bold, with what they mean below them. */
export function definitions(rows: readonly (readonly [term: string, meaning: string])[]): string {
  return rows.map(([term, meaning]) => ['.TP', `.B ${roffArgument(term)}`, roffText(meaning)].join('\n')).join('\n')
}

/** Lines that are shown as they are, indented. */
export function typed(lines: readonly string[]): string {
  return ['.RS', '.nf', ...lines.map(roffText), '.fi', '.RE'].join('\n')
}

/** Paragraphs, the first of a section without a gap before it. */
export function paragraphs(...texts: readonly string[]): string {
  return texts.map(roffText).join('\n.PP\n')
}
