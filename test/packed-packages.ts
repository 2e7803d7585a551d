import { join } from 'node:path'
import { runProgram } from '../scripts/run-program.js'
import { type PackageJson, publicPackages } from '../scripts/workspace.js'

/** A package as it would be published. */
export interface PackedPackage {
  readonly json: PackageJson
  /** Where it was packed from. */
  readonly folder: string
  readonly tarball: string
  /** `sha512-…`, as npm computed it. */
  readonly integrity: string
  readonly files: readonly string[]
}

interface PackReport {
  readonly filename: string
  readonly integrity: string
  readonly files: readonly { readonly path: string }[]
}

/** Packs every published package into a folder. Needs them built. */
export async function packPackages(destination: string): Promise<readonly PackedPackage[]> {
  const members = await publicPackages()
  return await Promise.all(
    members.map(async (member) => {
      const { stdout, output, exitCode } = await runProgram(
        'npm',
        ['pack', '--json', '--pack-destination', destination],
        {
          cwd: member.folder,
        },
      )
      if (exitCode !== 0) throw new Error(`npm pack of ${member.name} failed:\n${output}`)
      const [report] = JSON.parse(stdout) as readonly PackReport[]
      if (!report) throw new Error(`npm pack of ${member.name} reported nothing`)
      const files = report.files.map(({ path }) => path)
      const { json, folder } = member
      return { json, folder, tarball: join(destination, report.filename), integrity: report.integrity, files }
    }),
  )
}
