import { agentError } from '../../errors/agent-error.js'

/** A line of a unit: its name, and its value as it stands behind the equals sign. */
export type UnitLine = readonly [name: string, value: string]

/** A section of a unit. */
export interface UnitSection {
  readonly name: string
  readonly lines: readonly UnitLine[]
}

/** The text of a unit, systemd.syntax(7). @param header lines of a comment */
export function unitFile(header: readonly string[], sections: readonly UnitSection[]): string {
  const comment = header.map((line) => `# ${line}`)
  const blocks = sections.map(({ name, lines }) => [`[${name}]`, ...lines.map(([key, value]) => `${key}=${value}`)])
  return [comment, ...blocks].map((block) => block.map((line) => `${line}\n`).join('')).join('\n')
}

/**
 * A word of a command line, or of a list of paths: quoted where systemd would split it, without specifiers and variables (systemd.service(5), "Command lines").
 * @throws JANUS_AGENT_CONFIG_INVALID for what no unit can hold: a control character
 */
export function unitWord(text: string): string {
  const plain = specifiersDoubled(text)
  if (/^[\w/.:@=+,%-]+$/.test(plain)) return plain
  return `"${plain.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`
}

/** A command line. A dollar sign is doubled: only command lines know variables. */
export function unitCommand(words: readonly string[]): string {
  return words.map((word) => unitWord(word).replaceAll('$', '$$$$')).join(' ')
}

/**
 * A value that is taken as a whole: only specifiers mean something in it.
 * @throws JANUS_AGENT_CONFIG_INVALID for what no unit can hold: a control character, a backslash at the end
 */
export function specifiersDoubled(text: string): string {
  if (/\p{Cc}|\\$/u.test(text)) {
    throw agentError('JANUS_AGENT_CONFIG_INVALID', `a unit cannot hold ${JSON.stringify(text)}`, {
      remedy: 'Choose a path without control characters.',
    })
  }
  return text.replaceAll('%', '%%')
}
