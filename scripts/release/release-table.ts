import type { PackedPackage } from '../packed-packages.js'
import type { Installation } from './installers.js'
import type { ReleaseCopy } from './release-copy.js'
import { kibibytes, type SizeBudgets, sum } from './size-budgets.js'

/** What the table is of. */
export interface ReleaseTableContent {
  readonly copy: ReleaseCopy
  readonly packages: readonly PackedPackage[]
  readonly installations: readonly Installation[]
  readonly installed?: Readonly<Record<string, number>>
  readonly budgets: SizeBudgets
}

/** Versions and sizes of each package with its budgets, and below how each installer fared. */
export function releaseTable(content: ReleaseTableContent): string {
  return `${columns(packageRows(content))}\n${columns(installationRows(content))}`
}

function packageRows({ copy, packages, installed, budgets }: ReleaseTableContent): readonly (readonly string[])[] {
  const before = new Map(copy.before.map(({ name, version }) => [name, version]))
  const rows = packages.map(({ json: { name, version }, size, unpackedSize }) => {
    const was = before.get(name)
    const budget = budgets.packages[name]
    return [
      name,
      was === version ? `${version} (stays)` : `${was} -> ${version}`,
      ofBudget(size, budget?.tarball),
      ofBudget(unpackedSize, budget?.unpacked),
    ]
  })
  const whole = installed === undefined ? [] : [wholeRow(installed, budgets)]
  return [['PACKAGE', 'VERSION', 'TARBALL', 'UNPACKED'], ...rows, ...whole]
}

function wholeRow(installed: Readonly<Record<string, number>>, budgets: SizeBudgets): readonly string[] {
  const count = Object.keys(installed).length
  return [`npm install @janus/cli: ${count} packages`, '', '', ofBudget(sum(installed), budgets.installed.bytes)]
}

function installationRows({ installations }: ReleaseTableContent): readonly (readonly string[])[] {
  const rows = installations.map(({ installer, version = '-', faults }) => [
    installer,
    faults.length === 0 ? 'ok' : 'failed',
    version,
  ])
  return [['INSTALLER', 'RESULT', 'JANUS --VERSION'], ...rows]
}

function ofBudget(size: number, budget: number | undefined): string {
  return `${kibibytes(size)}${budget === undefined ? ', no budget' : ` of ${kibibytes(budget)}`}`
}

function columns(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, at) => Math.max(...rows.map((row) => (row[at] ?? '').length)))
  return rows
    .map(
      (row) =>
        `${row
          .map((cell, at) => cell.padEnd(widths[at] ?? 0))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('')
}
