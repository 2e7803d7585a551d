import { readFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { repository } from './workspace.js'

/** Below this, a file is named. Per cent of its lines. */
export const LOW_COVERAGE = 70

/** How much of one source file the tests ran. */
export interface FileCoverage {
  /** From the root of the repository. */
  readonly path: string
  readonly lines: Covered
  readonly branches: Covered
}

/** Of how many, how many ran. */
export interface Covered {
  readonly total: number
  readonly covered: number
}

/** The report that vitest wrote into a folder; nothing when it wrote none. */
export async function readCoverage(folder: string): Promise<readonly FileCoverage[] | undefined> {
  const text = await readFile(join(folder, 'coverage-summary.json'), 'utf8').catch(() => undefined)
  if (text === undefined) return undefined
  const summary = JSON.parse(text) as Readonly<Record<string, Omit<FileCoverage, 'path'>>>
  return Object.entries(summary)
    .filter(([path]) => path !== 'total')
    .map(([path, { lines, branches }]) => ({ path: relative(repository, path), lines, branches }))
}

/** A table by package, and below it the files of which less than {@link LOW_COVERAGE} per cent of the lines ran. */
export function coverageText(files: readonly FileCoverage[]): string {
  const packages = byPackage(files)
  const rows = [...packages].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([name, own]) => packageRow(name, own))
  const low = files
    .filter(({ lines }) => percent(lines) < LOW_COVERAGE)
    .toSorted((a, b) => percent(a.lines) - percent(b.lines))
  return [
    'Coverage by the tests in their own process: what they start as another program is not counted.',
    row('PACKAGE', 'FILES', 'LINES', 'BRANCHES'),
    ...rows,
    ...(low.length === 0 ? [] : [`Under ${LOW_COVERAGE} % of the lines:`]),
    ...low.map(({ path, lines }) => `${shown(lines).padStart(8)}  ${path}`),
  ].join('\n')
}

function packageRow(name: string, files: readonly FileCoverage[]): string {
  return row(name, String(files.length), shown(all(files, 'lines')), shown(all(files, 'branches')))
}

function all(files: readonly FileCoverage[], what: 'lines' | 'branches'): Covered {
  return {
    total: files.reduce((sum, file) => sum + file[what].total, 0),
    covered: files.reduce((sum, file) => sum + file[what].covered, 0),
  }
}

function row(name: string, files: string, lines: string, branches: string): string {
  return `${name.padEnd(24)}${files.padStart(6)}${lines.padStart(10)}${branches.padStart(10)}`
}

function shown(covered: Covered): string {
  return `${percent(covered).toFixed(1)} %`
}

/** A file without a line that could run is covered. */
function percent({ total, covered }: Covered): number {
  return total === 0 ? 100 : (covered / total) * 100
}

function byPackage(files: readonly FileCoverage[]): ReadonlyMap<string, readonly FileCoverage[]> {
  const packages = new Map<string, FileCoverage[]>()
  for (const file of files) {
    const name = file.path.split('/').slice(0, 2).join('/')
    packages.set(name, [...(packages.get(name) ?? []), file])
  }
  return packages
}
