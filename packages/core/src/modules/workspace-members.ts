import { readdir } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { isObject, type PackageFile, readPackageFile } from './package-file.js'

const DEEPEST = 8

/**
 * The members of the npm or Yarn workspace that a package belongs to, itself included.
 * @param directory of the package, without links
 * @returns undefined when no package.json above it claims it
 */
export async function workspaceMembers(directory: string): Promise<readonly string[] | undefined> {
  for (let above = dirname(directory); ; above = dirname(above)) {
    const root = await readPackageFile(above)
    const patterns = root === undefined ? [] : workspacePatterns(root)
    const claims = matcherOf(patterns)
    if (root !== undefined && claims(relative(root.directory, directory)))
      return expand(root.directory, patterns, claims)
    if (above === dirname(above)) return undefined
  }
}

function workspacePatterns({ content }: PackageFile): readonly string[] {
  const field = isObject(content.workspaces) ? content.workspaces.packages : content.workspaces
  return Array.isArray(field)
    ? field.filter((pattern): pattern is string => typeof pattern === 'string').slice(0, 1_000)
    : []
}

/** The last pattern that fits decides; `!` in front takes away. */
function matcherOf(patterns: readonly string[]): (path: string) => boolean {
  const rules = patterns.map((pattern) => {
    const negated = pattern.startsWith('!')
    return { negated, parts: partsOf(negated ? pattern.slice(1) : pattern) }
  })
  return (path) => rules.findLast(({ parts }) => matches(parts, partsOf(path)))?.negated === false
}

async function expand(
  root: string,
  patterns: readonly string[],
  claims: (path: string) => boolean,
): Promise<readonly string[]> {
  const depth = Math.max(...patterns.map((pattern) => (pattern.includes('**') ? DEEPEST : partsOf(pattern).length)))
  const found: string[] = []
  const walk = async (path: string, left: number): Promise<void> => {
    for (const name of await directoriesIn(join(root, path))) {
      const inner = path === '' ? name : `${path}/${name}`
      if (claims(inner)) found.push(join(root, inner))
      if (left > 1) await walk(inner, left - 1)
    }
  }
  await walk('', Math.min(depth, DEEPEST))
  return found
}

async function directoriesIn(path: string): Promise<readonly string[]> {
  try {
    const entries = await readdir(path, { withFileTypes: true })
    const wanted = entries.filter(
      (entry) => entry.isDirectory() && entry.name !== 'node_modules' && !entry.name.startsWith('.'),
    )
    return wanted.map((entry) => entry.name).sort()
  } catch {
    return []
  }
}

function matches([pattern, ...patterns]: readonly string[], parts: readonly string[]): boolean {
  if (pattern === undefined) return parts.length === 0
  if (pattern === '**')
    return matches(patterns, parts) || (parts.length > 0 && matches([pattern, ...patterns], parts.slice(1)))
  const [part, ...rest] = parts
  return part !== undefined && matchesName(pattern, part) && matches(patterns, rest)
}

/** `*` stands for any run of characters of one name. Written without a backtracking expression: patterns are untrusted. */
function matchesName(pattern: string, name: string): boolean {
  const [first = '', ...pieces] = pattern.split('*')
  if (pieces.length === 0) return pattern === name
  if (!name.startsWith(first)) return false
  const last = pieces.pop() ?? ''
  let position = first.length
  for (const piece of pieces) {
    const found = name.indexOf(piece, position)
    if (found === -1) return false
    position = found + piece.length
  }
  return name.length - position >= last.length && name.endsWith(last)
}

function partsOf(path: string): readonly string[] {
  return path.split('/').filter((part) => part !== '' && part !== '.')
}
