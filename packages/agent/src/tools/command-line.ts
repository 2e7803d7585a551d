/** A command line, split; or why it is more than one simple command. */
export type CommandLine =
  | { readonly ok: true; readonly words: readonly string[] }
  | { readonly ok: false; readonly because: string }

const MOST_BYTES = 65_536
/** What a shell would do something with, where no quotes stand around it. */
const ACTIVE = /[;&|<>()`$\\*?[\]{}~#!\n\r]/u

/**
 * Splits a command line into the words of one simple command. Blanks separate words; what stands in single or double quotes is taken as it is. Everything else that a shell would
 * act on is refused, not obeyed: no shell ever sees the line.
 */
export function parseCommandLine(line: string): CommandLine {
  if (Buffer.byteLength(line) > MOST_BYTES) return no(`is longer than ${MOST_BYTES} bytes`)
  const words: string[] = []
  let word: string | undefined
  for (let index = 0; index < line.length; index += 1) {
    const character = line[index] ?? ''
    if (character === "'" || character === '"') {
      const end = line.indexOf(character, index + 1)
      if (end === -1) return no(`has a ${character} that is not closed`)
      const quoted = line.slice(index + 1, end)
      if (character === '"' && /[$`\\!]/u.test(quoted))
        return no(`has ${JSON.stringify(/[$`\\!]/u.exec(quoted)?.[0])} in double quotes`)
      word = (word ?? '') + quoted
      index = end
    } else if (character === ' ' || character === '\t') {
      if (word !== undefined) words.push(word)
      word = undefined
    } else if (ACTIVE.test(character) || /\p{Cc}/u.test(character)) {
      return no(`has ${JSON.stringify(character)} outside of quotes: one simple command is all it may be`)
    } else {
      word = (word ?? '') + character
    }
  }
  if (word !== undefined) words.push(word)
  const [program] = words
  if (program === undefined || program === '') return no('names no program')
  if (/^[A-Za-z_][A-Za-z0-9_]*=/u.test(program)) return no('sets a variable')
  return { ok: true, words }
}

function no(because: string): CommandLine {
  return { ok: false, because }
}
