import type { ArgumentPattern } from '../contract/policy.js'

/** True when each argument is matched by the pattern at its place; the last pattern may match all that are left, none of them included. */
export function matchArguments(patterns: readonly ArgumentPattern[], args: readonly string[]): boolean {
  const last = patterns.at(-1)
  const repeats = last?.repeat === true
  if (args.length > patterns.length && !repeats) return false
  if (args.length < patterns.length - (repeats ? 1 : 0)) return false
  return args.every((argument, index) => {
    const pattern = patterns[index] ?? last
    return pattern !== undefined && matches(pattern, argument)
  })
}

function matches(pattern: ArgumentPattern, argument: string): boolean {
  switch (pattern.kind) {
    case 'literal':
      return argument === pattern.value
    case 'one-of':
      return pattern.values.includes(argument)
    case 'integer':
      return isInteger(argument, pattern.min, pattern.max)
    case 'path':
      return pattern.below.some((directory) => isBelow(argument, directory))
    case 'text':
      return argument.length <= pattern.maxLength && !argument.startsWith('-') && !/\p{Cc}/u.test(argument)
  }
}

function isInteger(argument: string, min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY): boolean {
  if (!/^-?\d{1,15}$/.test(argument)) return false
  const value = Number(argument)
  return value >= min && value <= max
}

/** True for a path that is a directory or below it, as written: one with `..` is below nothing. */
export function isBelow(path: string, directory: string): boolean {
  if (!path.startsWith('/') || path.split('/').includes('..') || path.includes('\0')) return false
  const root = directory.endsWith('/') ? directory : `${directory}/`
  return path === directory || path.startsWith(root)
}
