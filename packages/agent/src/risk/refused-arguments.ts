import type { CommandWords } from './command-of.js'
import { pathsIn } from './named-places.js'
import { isInterpreter, isPrivileged, isStarter, startingArgument } from './program-classes.js'

/** What may not be proposed at all. */
export interface RefusedArgument {
  /** `privileged` or `traversal`. */
  readonly rule: string
  readonly because: string
}

/** What separates words for any interpreter that we know. */
const SEPARATORS = /[\s;|&()<>`$"'{}=,\\]+/u

/**
 * What is refused before a person sees it: a program that gives another user's rights, by whatever path and through whatever other program; and a
 * path that climbs. The sandbox would hold either; that they are asked for says enough.
 * @returns undefined when there is nothing
 */
export function refusedArgument({ program, first, words }: CommandWords): RefusedArgument | undefined {
  const all = [...first, ...words]
  const starts = isInterpreter(program) || isStarter(program) || startingArgument(program, all) !== undefined
  const named = [program, ...all.flatMap((word) => programsIn(word, starts))].find(isPrivileged)
  if (named !== undefined) {
    return { rule: 'privileged', because: `${JSON.stringify(named)} gives another user's rights` }
  }
  const climbing = words.find((word) => climbs(word, starts))
  if (climbing === undefined) return undefined
  return { rule: 'traversal', because: `${JSON.stringify(climbing.slice(0, 200))} climbs out of its directory` }
}

/**
 * What in an argument could name a program: for what starts programs any word of it, as it stands and as a shell would see it; else only what is a path.
 */
function programsIn(word: string, starts: boolean): readonly string[] {
  if (!starts) return pathsIn(word)
  return [...word.split(SEPARATORS), ...word.replace(/['"\\]/gu, '').split(SEPARATORS)]
}

/** For what starts programs an argument may be many words; for anything else it is one, and the rest of it text. */
function climbs(word: string, starts: boolean): boolean {
  return decoded(word)
    .split(starts ? /[/\\=:,\s"']/u : /[/\\=:,"']/u)
    .includes('..')
}

/** Percent-encoding undone, twice at most, as far as it is any. */
function decoded(word: string): string {
  let text = word
  for (let times = 0; times < 2; times += 1) {
    text = text.replace(/%([0-9a-f]{2})/giu, (_all, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)))
  }
  return text
}
