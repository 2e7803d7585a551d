import { rmSync } from 'node:fs'
import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { repositoryAddress } from './package-fields.js'
import { type PackedPackage, packPackages } from './packed-packages.js'
import { prepareClients } from './registry/clients.js'
import { startRegistry } from './registry/registry.js'
import { mustRun } from './registry/run.js'
import { installedSizes } from './release/installed-sizes.js'
import { type Installation, installEverywhere } from './release/installers.js'
import { publishingOrder } from './release/publishing-order.js'
import { buildReleaseCopy, makeReleaseCopy, type ReleaseCopy, uncommittedPaths } from './release/release-copy.js'
import { releaseNotes } from './release/release-notes.js'
import { releaseTable } from './release/release-table.js'
import { installedPackages, makeSbom, type Sbom, sbomFaults } from './release/sbom.js'
import { installedSizeFaults, packageSizeFaults, readSizeBudgets } from './release/size-budgets.js'
import { tarballFaults } from './release/tarball-faults.js'
import { tool } from './run-program.js'
import { printToolCheck } from './tool-check.js'
import { repository } from './workspace.js'

/** What the next release would be. */
interface Rehearsal {
  readonly copy: ReleaseCopy
  readonly packages: readonly PackedPackage[]
  readonly installations: readonly Installation[]
  /** What npm installed; nothing when it did not. */
  readonly installed?: Readonly<Record<string, number>>
  readonly sbom?: Sbom
}

/** Prints a check, with what is wrong. */
type Judge = (name: string, faults: readonly string[]) => void

/**
 * `npm run release:dry`: makes the next release of what is committed in a folder of its own, publishes it to a registry of its
 * own, installs it with every installer, and prints what came of it. `--keep FOLDER` keeps what would be published; `--address URL`
 * demands that the packages name that repository, and that no change waits for a version: what is kept is to be published.
 */
async function main(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: { keep: { type: 'string' }, address: { type: 'string' } },
  })
  const base = await mkdtemp(join(tmpdir(), 'janus-release-'))
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => leave(base))
  let failed = 0
  const judge: Judge = (name, faults) => {
    failed += faults.length === 0 ? 0 : 1
    printToolCheck({ name, ok: faults.length === 0, output: faults.join('\n') })
  }
  try {
    const rehearsal = await rehearse(base, judge)
    if (values.address !== undefined)
      judge('released from its own repository', releaseFaults(rehearsal.copy, values.address))
    process.stdout.write(`\n${releaseTable({ ...rehearsal, budgets: await readSizeBudgets() })}`)
    if (values.keep !== undefined && failed === 0) await keep(resolve(values.keep), rehearsal)
  } catch (error) {
    judge('the release', [(error as Error).message])
  } finally {
    await rm(base, { recursive: true, force: true })
  }
  process.stdout.write(failed === 0 ? '\nready to be released\n' : `\nnot to be released: ${failed} failed\n`)
  return failed === 0 ? 0 : 1
}

async function rehearse(base: string, judge: Judge): Promise<Rehearsal> {
  const copy = await makeReleaseCopy(join(base, 'copy'))
  const uncommitted = await uncommittedPaths()
  if (uncommitted.length > 0) process.stdout.write(`Not committed, so not part of it: ${uncommitted.length} paths.\n`)
  judge(`versions and lock file of ${copy.commit}`, copy.faults)
  await buildReleaseCopy(copy.folder)
  judge('installed by its lock file, and built', [])

  const budgets = await readSizeBudgets()
  await mkdir(join(base, 'packed'))
  const packages = publishingOrder(await packPackages(join(base, 'packed'), copy.folder))
  for (const packed of packages) {
    judge(`contents of ${packed.json.name}`, await tarballFaults(packed, join(base, 'unpacked'), [base, repository]))
    judge(`size of ${packed.json.name}`, packageSizeFaults(packed, budgets))
  }

  const registry = await startRegistry(join(base, 'registry'))
  try {
    const clients = await prepareClients(base, registry.url)
    await writePublication(join(base, 'packed'), packages)
    const publish = ['scripts/publish-packages.ts', join(base, 'packed')]
    await mustRun(tool('tsx'), publish, { cwd: repository, env: clients.env })
    judge('published to a registry of its own', [])
    const manifests = packages.map(({ json }) => json)
    const installations = await installEverywhere(clients, { base, registry: registry.url }, manifests)
    for (const { installer, faults } of installations) judge(`installed and run with ${installer}`, faults)
    const withNpm = installations.find(({ installer, faults }) => installer === 'npm' && faults.length === 0)
    if (withNpm === undefined) return { copy, packages, installations }
    const installed = await installedSizes(withNpm.project)
    judge('size of an installation', installedSizeFaults(installed, budgets))
    const sbom = await makeSbom(clients, withNpm.project, registry.url)
    judge('bill of materials', sbomFaults(sbom, await installedPackages(withNpm.project)))
    return { copy, packages, installations, installed, sbom }
  } finally {
    await registry.close()
  }
}

/** What a release needs that a rehearsal does not. */
function releaseFaults({ before, after }: ReleaseCopy, address: string): readonly string[] {
  const waiting = before.filter(({ name, version }) =>
    after.some((next) => next.name === name && next.version !== version),
  )
  const elsewhere = after.filter((json) => repositoryAddress(json) !== address)
  return [
    ...waiting.map(
      ({ name }) => `changes of ${name} wait for their version: \`npm run version\`, and have that reviewed first`,
    ),
    ...elsewhere.map(
      ({ name }) => `${name} names another repository: \`npm run fields -- ${address}\` writes this one`,
    ),
  ]
}

async function writePublication(folder: string, packages: readonly PackedPackage[]): Promise<void> {
  const entries = packages.map(({ json: { name, version }, tarball, integrity }) => ({
    name,
    version,
    tarball: basename(tarball),
    integrity,
  }))
  await writeFile(join(folder, 'packages.json'), `${JSON.stringify(entries, undefined, 2)}\n`)
}

async function keep(folder: string, { copy, packages, sbom }: Rehearsal): Promise<void> {
  await mkdir(folder, { recursive: true })
  await writePublication(folder, packages)
  for (const { tarball } of packages) await copyFile(tarball, join(folder, basename(tarball)))
  if (sbom !== undefined) await writeFile(join(folder, 'janus-cli.cdx.json'), `${JSON.stringify(sbom, undefined, 2)}\n`)
  await writeFile(join(folder, 'release-notes.md'), await releaseNotes(copy.folder))
  process.stdout.write(`Kept in ${folder}.\n`)
}

function leave(base: string): void {
  rmSync(base, { recursive: true, force: true })
  process.exit(130)
}

process.exitCode = await main(process.argv.slice(2))
