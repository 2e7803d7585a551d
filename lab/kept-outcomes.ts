import { execFile } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { cached, cacheFolder } from './machine/cache-folder.js'
import type { ScenarioOutcome } from './run-scenario.js'

/** What is known of a scenario that was run to its end, and in which nothing failed. */
export interface KeptOutcome {
  readonly name: string
  readonly passed: number
  readonly seconds: number
  /** When it ended, ISO 8601. */
  readonly at: string
}

/** Outcomes that stay when a run of all scenarios is interrupted. */
export interface KeptOutcomes {
  find(name: string): Promise<KeptOutcome | undefined>
  /** Keeps it, unless something failed in it, or a file was changed since these were opened. */
  keep(outcome: ScenarioOutcome): Promise<void>
}

/**
 * The outcomes of what is committed, on one kernel. Every file of the commit counts: whoever changes one runs all scenarios
 * anew.
 * @returns undefined where files differ from what is committed, or there is no git: nothing can be said of these files later
 */
export async function openKeptOutcomes(repository: string, kernel: string): Promise<KeptOutcomes | undefined> {
  const tree = await committedTree(repository)
  if (tree === undefined) return undefined
  const entryOf = (name: string): string => join('outcomes', `${tree}-${kernel}`, `${name}.json`)
  return {
    async find(name) {
      try {
        return JSON.parse(await readFile(join(cacheFolder(), entryOf(name)), 'utf8')) as KeptOutcome
      } catch {
        return undefined
      }
    },
    async keep({ name, checks, seconds }) {
      if (checks.some(({ ok }) => !ok) || (await committedTree(repository)) !== tree) return
      const kept: KeptOutcome = { name, passed: checks.length, seconds, at: new Date().toISOString() }
      await cached(entryOf(name), (path) => writeFile(path, `${JSON.stringify(kept)}\n`))
    },
  }
}

async function committedTree(repository: string): Promise<string | undefined> {
  const git = async (...args: readonly string[]): Promise<string> =>
    (await promisify(execFile)('git', ['-C', repository, ...args])).stdout.trim()
  try {
    if ((await git('status', '--porcelain')) !== '') return undefined
    return await git('rev-parse', 'HEAD^{tree}')
  } catch {
    return undefined
  }
}
