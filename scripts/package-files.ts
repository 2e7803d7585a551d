import { access, readdir, readFile, stat } from 'node:fs/promises'
import { dirname, join, normalize, relative } from 'node:path'
import type { PackageJson, WorkspacePackage } from './workspace.js'

/**
 * Compares what a package.json promises with what was built, in both directions.
 * @returns one line per disagreement; none when package and manifest tell the truth
 */
export async function packageDisagreements({ folder, json }: WorkspacePackage): Promise<readonly string[]> {
  const promised = promisedFiles(json)
  const missing = await absent(folder, promised)
  const reached = await reachableFiles(folder, promised)
  const built = (await readdir(join(folder, 'dist'), { recursive: true }).catch(() => [])).map((name) =>
    join('dist', name),
  )
  const unreached = built.filter((file) => file.endsWith('.js') && !reached.has(file))
  const dangling = await absent(folder, [...reached])
  return [
    ...missing.map((file) => `package.json names ${file}, which was not built`),
    ...dangling
      .filter((file) => !missing.includes(file))
      .map((file) => `a built file refers to ${file}, which was not built`),
    ...unreached.map((file) => `${file} was built, but nothing exports it or refers to it`),
    ...(await launcherFaults(folder, json)),
  ]
}

function promisedFiles({ exports = {}, bin = {}, janus = {} }: PackageJson): readonly string[] {
  const exported = Object.values(exports).flatMap((target) =>
    typeof target === 'string' ? [target] : Object.values(target),
  )
  const entries = [...(janus.modules ?? []), ...(janus.commands ?? []), ...(janus.checks ?? [])].map(
    ({ entry }) => entry,
  )
  return [...exported, ...entries, ...Object.values(bin)].map(normalize)
}

/** Follows what built files import or locate beside themselves: chunks, lazy commands, the program of a child process. */
async function reachableFiles(folder: string, roots: readonly string[]): Promise<ReadonlySet<string>> {
  const reached = new Set<string>()
  const waiting = roots.filter((file) => file.endsWith('.js'))
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    if (reached.has(file)) continue
    reached.add(file)
    const text = await readFile(join(folder, file), 'utf8').catch(() => '')
    const references = text.matchAll(/(?:from|import|import\(|new URL\()\s*["'](\.\.?\/[^"'\n]+\.js)["']/g)
    for (const [, reference] of references) waiting.push(relativeTo(folder, file, reference ?? ''))
    // From the root of the package: join(root, 'dist', 'program.js').
    for (const [, name] of text.matchAll(/["']dist["']\s*,\s*["']([^"'\n]+\.js)["']/g))
      waiting.push(join('dist', name ?? ''))
  }
  return reached
}

function relativeTo(folder: string, file: string, reference: string): string {
  return relative(folder, join(folder, dirname(file), reference))
}

async function absent(folder: string, files: readonly string[]): Promise<readonly string[]> {
  const answers = await Promise.all(
    files.map((file) =>
      access(join(folder, file)).then(
        () => false,
        () => true,
      ),
    ),
  )
  return files.filter((_, index) => answers[index])
}

async function launcherFaults(folder: string, { bin = {} }: PackageJson): Promise<readonly string[]> {
  const faults: string[] = []
  for (const file of Object.values(bin)) {
    const found = await stat(join(folder, file)).catch(() => undefined)
    if (!found) continue
    if ((found.mode & 0o111) !== 0o111) faults.push(`${file} is not executable`)
    if (!(await readFile(join(folder, file), 'utf8')).startsWith('#!/usr/bin/env node\n'))
      faults.push(`${file} has no node line`)
  }
  return faults
}
