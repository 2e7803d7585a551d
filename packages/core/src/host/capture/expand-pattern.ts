import type { Recorder } from './recorder.js'

/**
 * Expands a pattern of the allow-list to the paths that there are. Directories that a wildcard goes through are listed,
 * and so recorded completely.
 * @param pattern absolute pattern with `{a,b}`, `*` and `#`
 */
export async function expandPattern(recorder: Recorder, pattern: string): Promise<readonly string[]> {
  const paths = await Promise.all(expandBraces(pattern).map((plain) => expandWildcards(recorder, plain)))
  return paths.flat()
}

/** Expands `{a,b}` as a shell does; braces do not nest. */
export function expandBraces(pattern: string): readonly string[] {
  const match = /^([^{]*)\{([^{}]*)\}(.*)$/.exec(pattern)
  if (match === null) return [pattern]
  const [, before = '', alternatives = '', after = ''] = match
  return alternatives.split(',').flatMap((alternative) => expandBraces(`${before}${alternative}${after}`))
}

async function expandWildcards(recorder: Recorder, pattern: string): Promise<readonly string[]> {
  let paths: readonly string[] = ['']
  let isLiteral = true
  for (const segment of pattern.split('/').slice(1)) {
    if (!/[*#]/.test(segment)) paths = paths.map((path) => `${path}/${segment}`)
    else {
      paths = (await Promise.all(paths.map((path) => matchingNames(recorder, path, segment, isLiteral)))).flat()
      isLiteral = false
    }
  }
  return paths
}

async function matchingNames(
  recorder: Recorder,
  directory: string,
  segment: string,
  isExpected: boolean,
): Promise<readonly string[]> {
  const source = segment
    .replace(/[.+?^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('#', '\\d+')
  const matcher = new RegExp(`^${source}$`, 's')
  const names = await recorder.names(directory, isExpected)
  return names.filter((name) => matcher.test(name)).map((name) => `${directory}/${name}`)
}
