import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { PackedPackage } from '../packed-packages.js'
import { repository } from '../workspace.js'

/** How large one published package may be, and how large its files were when that was decided. */
export interface PackageBudget {
  /** Bytes of the tarball. */
  readonly tarball: number
  /** Bytes of its files. */
  readonly unpacked: number
  /** Bytes of each file then, by its path. */
  readonly files: Readonly<Record<string, number>>
}

/** How large `npm install @janus/cli` may be, and what its parts were when that was decided. */
export interface InstalledBudget {
  /** Bytes of all files below node_modules. */
  readonly bytes: number
  /** Bytes of each package then, by its folder below node_modules. */
  readonly packages: Readonly<Record<string, number>>
}

/** `etc/size-budgets.json`. */
export interface SizeBudgets {
  readonly packages: Readonly<Record<string, PackageBudget>>
  readonly installed: InstalledBudget
}

/** Where the budgets are kept. */
export const BUDGETS_FILE = join(repository, 'etc/size-budgets.json')

const REMEDY =
  'If it is meant, `npm run sizes` raises the budget; the difference of etc/size-budgets.json is part of the review.'

/** The budgets as they are checked in. */
export async function readSizeBudgets(): Promise<SizeBudgets> {
  return JSON.parse(await readFile(BUDGETS_FILE, 'utf8')) as SizeBudgets
}

/**
 * What of a package is over its budget, with the files that grew since it was set, and how to raise it.
 * @returns lines for the reader; none when it is within
 */
export function packageSizeFaults(packed: PackedPackage, budgets: SizeBudgets): readonly string[] {
  const { name } = packed.json
  const budget = budgets.packages[name]
  if (budget === undefined) return [`${name} has no size budget.`, REMEDY]
  const over = [
    ...overBudget(`the tarball of ${name}`, packed.size, budget.tarball),
    ...overBudget(`${name} unpacked`, packed.unpackedSize, budget.unpacked),
  ]
  return over.length === 0 ? [] : [...over, ...growth(budget.files, stableNames(packed.fileSizes)), REMEDY]
}

/** The same for an installation of the command with everything that it depends on. */
export function installedSizeFaults(
  packages: Readonly<Record<string, number>>,
  { installed }: SizeBudgets,
): readonly string[] {
  const over = overBudget('an installation of @janus/cli', sum(packages), installed.bytes)
  return over.length === 0 ? [] : [...over, ...growth(installed.packages, packages), REMEDY]
}

/** Budgets for what is there now: a tenth of room, in whole KiB. */
export function makeSizeBudgets(
  packages: readonly PackedPackage[],
  installed: Readonly<Record<string, number>>,
): SizeBudgets {
  const entries = packages.map((packed): [string, PackageBudget] => [
    packed.json.name,
    {
      tarball: withRoom(packed.size),
      unpacked: withRoom(packed.unpackedSize),
      files: sorted(stableNames(packed.fileSizes)),
    },
  ])
  return {
    packages: Object.fromEntries(entries),
    installed: { bytes: withRoom(sum(installed)), packages: sorted(installed) },
  }
}

/** Bytes for people: `312.4 KiB`. */
export function kibibytes(bytes: number): string {
  return `${(bytes / 1024).toFixed(1)} KiB`
}

/** All bytes of the parts. */
export function sum(sizes: Readonly<Record<string, number>>): number {
  return Object.values(sizes).reduce((total, size) => total + size, 0)
}

function overBudget(what: string, size: number, budget: number): readonly string[] {
  return size <= budget ? [] : [`${what} has ${kibibytes(size)}, its budget is ${kibibytes(budget)}.`]
}

function growth(before: Readonly<Record<string, number>>, now: Readonly<Record<string, number>>): readonly string[] {
  const grown = Object.entries(now)
    .map(([path, size]) => ({ path, size, was: before[path], by: size - (before[path] ?? 0) }))
    .filter(({ by }) => by > 0)
    .toSorted((a, b) => b.by - a.by)
  return grown
    .slice(0, 10)
    .map(
      ({ path, size, was, by }) =>
        `  ${path}: ${was === undefined ? 'new' : kibibytes(was)} -> ${kibibytes(size)} (+${kibibytes(by)})`,
    )
}

/** The bundler names shared files by their content: `chunk-4FQ2NZ6A.js`, `change-SpsWrRCa.d.ts` are other names at every change. */
function stableNames(sizes: Readonly<Record<string, number>>): Readonly<Record<string, number>> {
  const stable: Record<string, number> = {}
  for (const [path, size] of Object.entries(sizes)) {
    const name = path.replace(/-(?=[a-z]*[A-Z0-9])[A-Za-z0-9_-]{8}(?=\.)/, '-*')
    stable[name] = (stable[name] ?? 0) + size
  }
  return stable
}

function withRoom(bytes: number): number {
  return Math.ceil((bytes * 1.1) / 1024) * 1024
}

function sorted(sizes: Readonly<Record<string, number>>): Readonly<Record<string, number>> {
  return Object.fromEntries(Object.entries(sizes).toSorted(([a], [b]) => (a < b ? -1 : 1)))
}
