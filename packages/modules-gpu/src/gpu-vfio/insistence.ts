import type { Refusal } from './refusal.js'

type Value = readonly string[] | Readonly<Record<string, string>> | true

/** How a human may insist on an option: for who writes JSON, and for who types. */
export function insistence(name: string, value: Value): Required<Pick<Refusal, 'option' | 'insist'>> {
  const items = Array.isArray(value) ? value : [value]
  return {
    option: `${name}: ${jsonOf(value)}`,
    insist: items
      .map((item) => `-o ${shellWord(`${name}=${typeof item === 'string' ? item : JSON.stringify(item)}`)}`)
      .join(' '),
  }
}

/** JSON on one line, spaced to be read. */
function jsonOf(value: Value): string {
  return JSON.stringify(value, undefined, 1)
    .replaceAll(/\n\s*/g, ' ')
    .replaceAll(/(?<=[[{]) | (?=[\]}])/g, '')
}

function shellWord(word: string): string {
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`
}
