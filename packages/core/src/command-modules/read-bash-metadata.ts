import type { StatedMetadata } from './program-metadata.js'

/** What the text of a bash module says without being run. */
export interface BashMetadata extends StatedMetadata {
  readonly summary?: string
  /** Why the rest cannot be trusted: a value that is computed, or stated twice. */
  readonly problem?: string
}

const FIELDS = { TYPE: 'type', ID: 'id', VERSION: 'version', COMPAT_API: 'compatApi', SUMMARY: 'summary' } as const
type Field = keyof typeof FIELDS

/** An assignment of metadata, wherever it stands in its line: behind `export`, behind a semicolon, indented. */
const ASSIGNMENT = /(?:^|[\s;&|({])JANUS_MODULE_(TYPE|ID|VERSION|COMPAT_API|SUMMARY)(\+?=|\[)/
/** Alone in its line, at its beginning. A value in double quotes holds nothing that bash would expand. */
const PLAIN =
  /^(?:export[ \t]+|readonly[ \t]+|declare[ \t]+-[rx]+[ \t]+)?JANUS_MODULE_(TYPE|ID|VERSION|COMPAT_API|SUMMARY)=(?:"([^"$`\\]*)"|'([^']*)'|([A-Za-z0-9_.+:@%/-]*))[ \t]*;?[ \t]*(?:[ \t]#.*)?$/

/**
 * Reads the metadata that a bash module states in assignments of plain values, one to a line, not indented:
 * `JANUS_MODULE_ID="fan-curve"`, quoted either way or bare, also behind `export` or `readonly`. Nothing is executed.
 * @param text of the whole file
 */
export function readBashMetadata(text: string): BashMetadata {
  const stated: Partial<Record<(typeof FIELDS)[Field], string>> = {}
  for (const [index, line] of text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .entries()) {
    if (/^\s*#/.test(line)) continue
    const assigned = ASSIGNMENT.exec(line)?.[1] as Field | undefined
    if (assigned === undefined) continue
    const [, name, double, single, bare] = PLAIN.exec(line) ?? []
    if (name === undefined) {
      return {
        ...stated,
        problem: `line ${index + 1} computes JANUS_MODULE_${assigned}: it must be a plain value on a line of its own`,
      }
    }
    const value = double ?? single ?? bare ?? ''
    const before = stated[FIELDS[assigned]]
    if (before !== undefined && before !== value) {
      return {
        ...stated,
        problem: `line ${index + 1} states JANUS_MODULE_${assigned} a second time, with another value`,
      }
    }
    stated[FIELDS[assigned]] = value
  }
  return stated
}
