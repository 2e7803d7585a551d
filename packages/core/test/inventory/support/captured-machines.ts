import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const folder =
  process.env.JANUS_MACHINES ?? fileURLToPath(new URL('../../../../../../shared/data/machines', import.meta.url))

/** True when the captured machines are there. */
export const hasCapturedMachines = existsSync(folder)

/** Why tests of captured machines are skipped, for their titles. */
export const MACHINES_ABSENT = hasCapturedMachines
  ? ''
  : ' (skipped: neither JANUS_MACHINES nor ../shared/data/machines is there)'

/** Names of the captured machines. */
export function machineNames(): readonly string[] {
  if (!hasCapturedMachines) return []
  return readdirSync(folder)
    .filter((name) => /\.tar\.(?:gz|bz2)$/.test(name))
    .sort()
}

/** Extracts machines; the caller removes them. */
export function extractMachines(): { rootOf(archive: string): string; remove(): void } {
  const place = mkdtempSync(join(tmpdir(), 'janus-machines-'))
  return {
    rootOf(archive) {
      const target = mkdtempSync(join(place, 'machine-'))
      execFileSync('tar', ['-xf', join(folder, archive), '-C', target])
      const [only, ...others] = readdirSync(target)
      return only !== undefined && others.length === 0 ? join(target, only) : target
    },
    remove: () => rmSync(place, { recursive: true, force: true }),
  }
}
