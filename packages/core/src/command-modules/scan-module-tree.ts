import type { Dirent } from 'node:fs'
import { readdir, realpath, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { JanusErrorCode } from '../errors/codes.js'
import { diagnosticOf, janusError } from '../errors/janus-error.js'
import type { DiscoveredModule } from '../modules/discovered-module.js'
import { isKebabCase, isVersion, metadataProblem, UNSTATED } from './program-metadata.js'
import { type BashMetadata, readBashMetadata } from './read-bash-metadata.js'
import { readProgramText } from './read-program-text.js'

const DEEPEST = 8
const MOST_ENTRIES = 20_000
const MOST_MODULES = 1_000

/** Folder of a tree that holds its modules; what they share lies beside it. */
const MODULES = 'modules'
const LIBRARY = 'lib'

/** One thing in a tree that may be a module. */
interface Candidate {
  /** Relative to the root. */
  readonly path: string
  /** Set when it cannot be one. */
  readonly problem?: { readonly code: JanusErrorCode; readonly what: string }
}

/**
 * Finds the modules in bash of a tree: `modules/**\/*.sh` below its root, sorted by path. Only their text is read, nothing is
 * executed. Each file is one module, or one row that says what is wrong with it. A link is never followed: what it
 * leads to is found under its own name, and one that leaves the folder costs a row. Hidden entries and `node_modules`
 * are passed over.
 * @param root directory that holds `modules`; without one there are none
 */
export async function scanModuleTree(root: string): Promise<readonly DiscoveredModule[]> {
  let real: string
  let entries: readonly Dirent[]
  try {
    real = await realpath(root)
    entries = await readdir(real, { withFileTypes: true })
  } catch {
    return []
  }
  const modules = entries.find(({ name }) => name === MODULES)
  if (modules === undefined) return []
  const found: Candidate[] = []
  if (modules.isSymbolicLink()) await addLink(real, MODULES, found)
  else if (modules.isDirectory()) await walk(real, MODULES, 1, { left: MOST_ENTRIES }, found)
  const sorted = found.sort((left, right) => (left.path < right.path ? -1 : left.path > right.path ? 1 : 0))
  const rows = await Promise.all(
    sorted
      .slice(0, MOST_MODULES)
      .map((candidate) =>
        candidate.problem === undefined ? bashModuleAt(real, candidate.path) : broken(real, candidate),
      ),
  )
  if (sorted.length <= MOST_MODULES) return rows
  const what = `it holds more than ${MOST_MODULES} modules; the rest is passed over`
  return [...rows, broken(real, { path: MODULES, problem: { code: 'JANUS_MODULE_METADATA_INVALID', what } })]
}

async function walk(
  root: string,
  path: string,
  depth: number,
  budget: { left: number },
  found: Candidate[],
): Promise<void> {
  const refuse = (what: string): void => {
    found.push({ path, problem: { code: 'JANUS_MODULE_METADATA_INVALID', what } })
  }
  if (depth > DEEPEST) return refuse(`it lies more than ${DEEPEST} folders deep; it is passed over`)
  let entries: readonly Dirent[]
  try {
    entries = await readdir(join(root, path), { withFileTypes: true })
  } catch (error) {
    return refuse(`it cannot be listed: ${(error as NodeJS.ErrnoException).code ?? 'unknown'}`)
  }
  for (const entry of [...entries].sort((left, right) => (left.name < right.name ? -1 : 1))) {
    if (entry.name.startsWith('.') || entry.name === 'node_modules') continue
    budget.left -= 1
    if (budget.left < 0) return refuse(`the tree holds more than ${MOST_ENTRIES} entries; the rest is passed over`)
    const inner = `${path}/${entry.name}`
    if (entry.isDirectory()) await walk(root, inner, depth + 1, budget, found)
    else if (entry.isSymbolicLink()) await addLink(root, inner, found)
    else if (entry.name.endsWith('.sh')) found.push({ path: inner })
  }
}

/** A link inside of the folder of modules adds nothing to it; one that leaves it would run what nobody named. */
async function addLink(root: string, path: string, found: Candidate[]): Promise<void> {
  const target = await realpath(join(root, path)).catch(() => undefined)
  if (target !== undefined && `${target}/`.startsWith(`${join(root, MODULES)}/`)) return
  const leadsToModules = path.endsWith('.sh') || (target !== undefined && (await isDirectory(target)))
  if (!leadsToModules) return
  const what = target === undefined ? 'it is a link that leads nowhere' : 'it is a link that leaves the tree'
  found.push({ path, problem: { code: 'JANUS_MODULE_ENTRY_OUTSIDE_PACKAGE', what } })
}

async function isDirectory(path: string): Promise<boolean> {
  return stat(path).then(
    (stats) => stats.isDirectory(),
    () => false,
  )
}

/**
 * The module in bash at a path of a tree, or what is wrong with it. Only its text is read.
 * @param root of the tree, without links
 * @param path relative to the root
 */
export async function bashModuleAt(root: string, path: string): Promise<DiscoveredModule> {
  let text: string
  try {
    text = await readProgramText(join(root, path))
  } catch (error) {
    const what = `it cannot be read: ${(error as NodeJS.ErrnoException).code ?? (error as Error).message}`
    return broken(root, { path, problem: { code: 'JANUS_MODULE_METADATA_INVALID', what } })
  }
  const stated = readBashMetadata(text)
  const problem =
    stated.problem === undefined
      ? (metadataProblem(stated) ?? lineEndsProblem(text))
      : ({ code: 'JANUS_MODULE_METADATA_INVALID', what: stated.problem } as const)
  if (problem !== undefined) return broken(root, { path, problem }, stated)
  return {
    ...identityOf(path, stated),
    source: root,
    path: join(root, path),
    code: { directory: root, entry: path, kind: 'command', reads: isInTree(path) ? [MODULES, LIBRARY] : [path] },
    diagnostics: [],
  }
}

/** A file that lies in no folder of modules has nothing that it shares with others. */
function isInTree(path: string): boolean {
  return path.startsWith(`${MODULES}/`)
}

/** bash takes the carriage return for a part of the last word of each line. */
function lineEndsProblem(text: string) {
  if (!text.includes('\r\n')) return undefined
  const what = "its lines end in CR LF, which bash does not understand (sed -i 's/\\r$//' takes the CR away)"
  return { code: 'JANUS_MODULE_METADATA_INVALID', what } as const
}

function broken(root: string, { path, problem }: Candidate, stated: BashMetadata = {}): DiscoveredModule {
  const identity = identityOf(path, stated)
  const { code = 'JANUS_MODULE_METADATA_INVALID', what = '' } = problem ?? {}
  const error = janusError(code, `${join(root, path)}: ${what}`, { module: identity.id })
  const full = join(root, path)
  return { ...identity, source: root, path: full, diagnostics: [{ ...diagnosticOf(error), path: full }] }
}

/** Only what fits its pattern is repeated; a file may state anything. */
function identityOf(path: string, { id, type, version }: BashMetadata) {
  const name = basename(path, '.sh')
  return {
    id: isKebabCase(id) ? id : isKebabCase(name) ? name : 'unnamed',
    type: isKebabCase(type) ? type : UNSTATED,
    version: isVersion(version) ? version : UNSTATED,
  }
}
