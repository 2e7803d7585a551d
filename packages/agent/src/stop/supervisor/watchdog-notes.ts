import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const DIRECTORY = 'watchdog'
const MOST_BYTES = 1000

/** Leaves word for a daemon that cannot listen now: it records it when it can, or the next one does. */
export function leaveWatchdogNote(runDirectory: string, summary: string): void {
  const directory = join(runDirectory, DIRECTORY)
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  writeFileSync(join(directory, `${process.hrtime.bigint()}`), summary, { mode: 0o600 })
}

/** What was left, oldest first, each with what takes it away once it is recorded. */
export function watchdogNotes(runDirectory: string): readonly { readonly summary: string; remove(): void }[] {
  const directory = join(runDirectory, DIRECTORY)
  let names: readonly string[]
  try {
    names = readdirSync(directory).filter((name) => /^\d+$/.test(name))
  } catch {
    return []
  }
  return [...names]
    .sort((one, other) => (BigInt(one) < BigInt(other) ? -1 : 1))
    .map((name) => {
      const path = join(directory, name)
      return {
        summary: readFileSync(path, 'utf8').slice(0, MOST_BYTES),
        remove: () => rmSync(path, { force: true }),
      }
    })
}
