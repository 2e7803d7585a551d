/**
 * A text as one word of a shell: for a command that a remedy names and that somebody will paste, as root. The name of a file may hold anything.
 * @param text a path, or a name
 */
export function shellWord(text: string): string {
  return /^[\w./@:+-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`
}
