import { join } from 'node:path'
import { runProgram } from './run-program.js'
import { type PackageJson, publicPackages, repository, type WorkspacePackage } from './workspace.js'

/** A package as it would be published. */
export interface PackedPackage {
  readonly json: PackageJson
  /** Where it was packed from. */
  readonly folder: string
  readonly tarball: string
  /** `sha512-…`, as npm computed it. */
  readonly integrity: string
  /** Bytes of the tarball. */
  readonly size: number
  /** Bytes of all files in it. */
  readonly unpackedSize: number
  readonly files: readonly string[]
  /** Bytes of each file, by its path in the package. */
  readonly fileSizes: Readonly<Record<string, number>>
}

interface PackReport {
  readonly filename: string
  readonly integrity: string
  readonly size: number
  readonly unpackedSize: number
  readonly files: readonly { readonly path: string; readonly size: number }[]
}

/** Packs every published package of a tree into a folder. Needs them built. */
export async function packPackages(destination: string, root: string = repository): Promise<readonly PackedPackage[]> {
  const members = await publicPackages(root)
  return await Promise.all(members.map((member) => packPackage(member, destination)))
}

/**
 * Packs one package.
 * @param destination the folder for the tarball; without one nothing is written, and `tarball` is only its name
 */
export async function packPackage(member: WorkspacePackage, destination?: string): Promise<PackedPackage> {
  const place = destination === undefined ? ['--dry-run'] : ['--pack-destination', destination]
  const { stdout, output, exitCode } = await runProgram('npm', ['pack', '--json', ...place], { cwd: member.folder })
  if (exitCode !== 0) throw new Error(`npm pack of ${member.name} failed:\n${output}`)
  const [report] = JSON.parse(stdout) as readonly PackReport[]
  if (!report) throw new Error(`npm pack of ${member.name} reported nothing`)
  return {
    json: member.json,
    folder: member.folder,
    tarball: join(destination ?? '', report.filename),
    integrity: report.integrity,
    size: report.size,
    unpackedSize: report.unpackedSize,
    files: report.files.map(({ path }) => path),
    fileSizes: Object.fromEntries(report.files.map(({ path, size }) => [path, size])),
  }
}
