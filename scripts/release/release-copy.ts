import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { runProgram } from '../run-program.js'
import { withoutNpmVariables } from '../without-npm-variables.js'
import { type PackageJson, publicPackages, repository } from '../workspace.js'
import { lockFaults } from './lock-rules.js'
import { versionFaults } from './version-rules.js'

/** The committed tree in a folder of its own, as it would be released. */
export interface ReleaseCopy {
  readonly folder: string
  /** The commit that it is of. */
  readonly commit: string
  /** The package.json files as committed, and as they would be released. */
  readonly before: readonly PackageJson[]
  readonly after: readonly PackageJson[]
  /** What the version script did that it must not. */
  readonly faults: readonly string[]
}

/**
 * Copies what is committed, with its history, and gives the copy the versions of the next release.
 * @throws Error with the output of the program that failed
 */
export async function makeReleaseCopy(folder: string): Promise<ReleaseCopy> {
  await mustSucceed('git', ['clone', '--quiet', '--shared', '--no-tags', repository, folder], repository)
  const commit = (await mustSucceed('git', ['rev-parse', '--short', 'HEAD'], folder)).trim()
  const lockFile = join(folder, 'package-lock.json')
  const [before, lockBefore] = [await manifests(folder), await readFile(lockFile, 'utf8')]
  // The copy has no node_modules yet: its lock file is to be proven first. The tools are those of this tree.
  await mustSucceed(
    'npm',
    ['run', 'version', '--silent'],
    folder,
    `${repository}/node_modules/.bin:${process.env.PATH}`,
  )
  const after = await manifests(folder)
  const faults = [...versionFaults(before, after), ...lockFaults(lockBefore, await readFile(lockFile, 'utf8'))]
  return { folder, commit, before, after, faults }
}

/**
 * Installs the copy by the lock file that the version script wrote, and builds it.
 * @throws Error with the output of the program that failed
 */
export async function buildReleaseCopy(folder: string): Promise<void> {
  await mustSucceed('npm', ['ci', '--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund'], folder)
  await mustSucceed('npm', ['run', 'build', '--silent'], folder)
}

/** Paths that are not committed, or not as they are committed: no part of a release. */
export async function uncommittedPaths(): Promise<readonly string[]> {
  const status = await mustSucceed('git', ['status', '--porcelain'], repository)
  return status.split('\n').filter((line) => line !== '')
}

async function manifests(folder: string): Promise<readonly PackageJson[]> {
  return (await publicPackages(folder)).map(({ json }) => json)
}

async function mustSucceed(command: string, args: readonly string[], cwd: string, path?: string): Promise<string> {
  const env = { ...withoutNpmVariables(process.env), ...(path === undefined ? {} : { PATH: path }) }
  const { exitCode, stdout, output } = await runProgram(command, args, { cwd, env })
  if (exitCode !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${exitCode}:\n${output}`)
  return stdout
}
