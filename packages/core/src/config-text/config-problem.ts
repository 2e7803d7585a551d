import type * as z from '../zod.js'
import { nearestName } from './nearest-name.js'
import type { ConfigText } from './read-config-text.js'

/**
 * The error that says what a schema does not take of a configuration file: the member and its place, for an unknown one the name that was probably meant.
 * @param known names of the members that may stand at a path
 * @returns JANUS_CONFIG_INVALID
 */
export function configProblem(
  text: ConfigText,
  { issues: [issue] }: z.ZodError,
  known: (path: readonly PropertyKey[]) => readonly string[],
): Error {
  if (issue === undefined) return text.invalid('it does not fit its schema')
  if (issue.code !== 'unrecognized_keys') {
    const field = fieldOf(issue.path)
    return text.invalid(`${field === '' ? 'the file' : field}: ${issue.message}`, text.positionOf(issue.path))
  }
  const [key = ''] = issue.keys
  const names = known(issue.path)
  const near = nearestName(key, names)
  const meant = near === undefined ? `known are ${names.join(', ')}` : `${near}?`
  const problem = `${fieldOf([...issue.path, key])} is unknown; ${meant}`
  return text.invalid(problem, text.positionOf(issue.path, key))
}

function fieldOf(path: readonly PropertyKey[]): string {
  return path
    .map((part, index) => (typeof part === 'number' ? `[${part}]` : `${index > 0 ? '.' : ''}${String(part)}`))
    .join('')
}
