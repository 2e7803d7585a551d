import { domainToASCII } from 'node:url'
import { escapeForTerminal } from '@janus/core'

/** Spaces of other widths, and what only looks empty. The class of separators is wider than what core escapes. */
const ODD_SPACES = /[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000\u2800\u3164\uffa0]/gu
/** More marks on one letter than any script needs paint over the lines around. */
const STACKED_MARKS = /(\p{M}{4})(\p{M}+)/gu
/** From the begin of a scheme only: else a long word is walked through from each of its characters. */
const ADDRESS = /(?<![a-z0-9+.-])([a-z0-9+.-]+:\/\/(?:[^\s/?#@]*@)?)([^\s/?#:]+)/giu
const MOST_NAME_CHARACTERS = 200
const NOT_ASCII = /[^\u0020-\u007e]/gu
/** Letters that are taken for Latin ones. */
const LATIN = /\p{Script=Latin}/u
const LOOK_ALIKE = /[\p{Script=Cyrillic}\p{Script=Greek}\p{Script=Armenian}\p{Script=Cherokee}]/u
const WORD = /[\p{L}\p{N}_]+/gu

/**
 * One line of somebody's text as a reviewer may see it: what a terminal would obey, hide or misplace is spelled out, hosts in other letters
 * are shown as they are asked for, words that mix scripts are spelled out.
 */
export function visibleLine(text: string): string {
  const shown = text
    .replace(ADDRESS, (_all, before: string, host: string) => before + visibleHost(host))
    .replace(WORD, unmixed)
  return escapeForTerminal(shown)
    .replace(ODD_SPACES, spelled)
    .replace(STACKED_MARKS, (_all, first: string, more: string) => first + [...more].map(spelled).join(''))
}

/** A name that is compared with other names: nothing in it but ASCII is left as it is, and not more than 200 characters. */
export function visibleName(text: string): string {
  const shown = escapeForTerminal(text.slice(0, MOST_NAME_CHARACTERS)).replace(NOT_ASCII, spelled)
  return text.length > MOST_NAME_CHARACTERS ? `${shown}... (${text.length} characters)` : shown
}

/** A host as it is looked up: `xn--…` beside the letters it was written in. */
export function visibleHost(host: string): string {
  if (!/[^\u0020-\u007e]/u.test(host)) return visibleName(host)
  const ascii = domainToASCII(host)
  return ascii === '' ? visibleName(host) : `${visibleName(ascii)} [written as ${visibleName(host)}]`
}

function unmixed(word: string): string {
  return LATIN.test(word) && LOOK_ALIKE.test(word) ? word.replace(NOT_ASCII, spelled) : word
}

function spelled(character: string): string {
  return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`
}
