import { mkdir, readdir, readFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import type { PackedPackage } from '../packed-packages.js'
import { runProgram } from '../run-program.js'
import { repository } from '../workspace.js'

const EXPECTED =
  /^(dist\/|lib\/|bin\/|man\/|completion\/|programs\/|templates\/|completion\.json$|package\.json$|profile\.schema\.json$|(LICENSE|README|THIRD-PARTY-NOTICES)\.md$)/
const REQUIRED = ['package.json', 'README.md', 'LICENSE.md']
const INSTALL_SCRIPTS = ['preinstall', 'install', 'postinstall', 'prepare']

/**
 * What must not be published so: files that are neither built nor written for the user, tests, another licence, programs that run
 * when somebody installs, paths of this machine.
 * @param workFolder where the tarball is unpacked; its owner removes it
 * @param machinePaths texts that would tell where it was built
 * @returns one line per fault
 */
export async function tarballFaults(
  packed: PackedPackage,
  workFolder: string,
  machinePaths: readonly string[],
): Promise<readonly string[]> {
  const faults = [...fileFaults(packed), ...manifestFaults(packed)]
  const unpacked = await unpack(packed, workFolder)
  const licence = await readFile(join(repository, 'LICENSE.md'), 'utf8')
  if ((await readFile(join(unpacked, 'LICENSE.md'), 'utf8').catch(() => '')) !== licence)
    faults.push('LICENSE.md is not that of the repository')
  return [...faults, ...(await pathFaults(unpacked, machinePaths))].map((fault) => `${packed.json.name}: ${fault}`)
}

function fileFaults({ files }: PackedPackage): readonly string[] {
  const own = files.filter((file) => !file.startsWith('templates/'))
  return [
    ...REQUIRED.filter((file) => !files.includes(file)).map((file) => `${file} is missing`),
    ...files.filter((file) => !EXPECTED.test(file)).map((file) => `${file} is nothing that a user needs`),
    ...own.filter((file) => /(^|\/)(test|fixtures|src)\/|\.test\./.test(file)).map((file) => `${file} is of the tests`),
    ...own.filter((file) => /(?<!\.d)\.[cm]?ts$/.test(file)).map((file) => `${file} is a source`),
  ]
}

function manifestFaults({ json }: PackedPackage): readonly string[] {
  const ranges = Object.entries({ ...json.dependencies, ...json.peerDependencies })
  return [
    ...INSTALL_SCRIPTS.filter((name) => json.scripts?.[name] !== undefined).map((name) => `it has a ${name} script`),
    ...ranges
      .filter(([, range]) => /^(file|link|workspace|git|https?):/.test(range))
      .map(([name]) => `${name} is local`),
  ]
}

async function unpack({ tarball, json }: PackedPackage, workFolder: string): Promise<string> {
  const folder = join(workFolder, json.name.replaceAll('/', '-'))
  await mkdir(folder, { recursive: true })
  const { exitCode, output } = await runProgram('tar', ['-xzf', tarball, '-C', folder, '--strip-components=1'])
  if (exitCode !== 0) throw new Error(`${tarball} cannot be unpacked:\n${output}`)
  return folder
}

async function pathFaults(folder: string, machinePaths: readonly string[]): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  const faults = await Promise.all(
    files.map(async (file) => {
      const text = await readFile(file, 'latin1')
      const found = machinePaths.find((path) => text.includes(path))
      return found === undefined ? [] : [`${relative(folder, file)} holds the path ${found} of this machine`]
    }),
  )
  return faults.flat()
}
