import { access, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { runProgram, tool } from './run-program.js'
import { repository, type WorkspacePackage, workspacePackages } from './workspace.js'

/** Settings of several packages, outside of their folders. */
const SHARED_SETTINGS = join(repository, 'scripts/bundle-whole.ts')

/** What became of one package. */
export interface BuildOutcome {
  readonly name: string
  readonly outcome: 'built' | 'fresh' | 'skipped' | 'failed' | 'not-started'
  readonly seconds: number
  /** What the bundler printed, when it failed. */
  readonly output?: string
}

/**
 * Builds the packages, each as soon as those it needs are built.
 * @param options `staleOnly`: leave a package alone whose sources are older than what was built of them
 * @param report called once per package, as soon as it ended
 */
export async function buildPackages(
  { staleOnly = false }: { readonly staleOnly?: boolean } = {},
  report: (outcome: BuildOutcome) => void = () => {},
): Promise<readonly BuildOutcome[]> {
  const packages = await workspacePackages()
  const started = new Map<string, Promise<BuildOutcome>>()
  const start = (member: WorkspacePackage): Promise<BuildOutcome> => {
    const running = started.get(member.name)
    if (running !== undefined) return running
    const needed = packages.filter(({ name }) => member.needs.includes(name))
    const build = afterThose(member, needed.map(start), staleOnly).then((outcome) => {
      report(outcome)
      return outcome
    })
    started.set(member.name, build)
    return build
  }
  return await Promise.all(packages.map(start))
}

async function afterThose(
  member: WorkspacePackage,
  needed: readonly Promise<BuildOutcome>[],
  staleOnly: boolean,
): Promise<BuildOutcome> {
  const earlier = await Promise.all(needed)
  const began = performance.now()
  const ended = (outcome: BuildOutcome['outcome'], output?: string): BuildOutcome => ({
    name: member.name,
    outcome,
    seconds: (performance.now() - began) / 1000,
    ...(output === undefined ? {} : { output }),
  })
  if (!(await exists(join(member.folder, 'tsup.config.ts')))) return ended('skipped')
  if (earlier.some(({ outcome }) => outcome === 'failed' || outcome === 'not-started')) return ended('not-started')
  const anyBuilt = earlier.some(({ outcome }) => outcome === 'built')
  if (staleOnly && !anyBuilt && (await isFresh(member))) return ended('fresh')
  const { exitCode, output } = await runProgram(tool('tsup'), ['--silent'], { cwd: member.folder })
  return exitCode === 0 ? ended('built') : ended('failed', output)
}

/** The oldest built file decides: an interrupted build leaves some behind, or none. */
async function isFresh({ folder }: WorkspacePackage): Promise<boolean> {
  const built = await modificationTimes(join(folder, 'dist'))
  const sources = await modificationTimes(join(folder, 'src'))
  const settings = await Promise.all(
    (await readdir(folder))
      .filter((file) => file === 'package.json' || file.endsWith('.ts'))
      .map(async (file) => (await stat(join(folder, file))).mtimeMs),
  )
  const { mtimeMs: shared } = await stat(SHARED_SETTINGS)
  return built.length > 0 && Math.min(...built) > Math.max(...sources, ...settings, shared)
}

async function modificationTimes(folder: string): Promise<readonly number[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => [])
  const files = entries.filter((entry) => entry.isFile())
  return await Promise.all(files.map(async (file) => (await stat(join(file.parentPath, file.name))).mtimeMs))
}

async function exists(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false,
  )
}
