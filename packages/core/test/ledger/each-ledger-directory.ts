import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach } from 'vitest'

/**
 * Gives each test of a file a place for a ledger, in a folder of its own that is removed after it.
 * @param take gets the path of the ledger, which is not there yet
 */
export function eachLedgerDirectory(take: (directory: string) => void): void {
  let folder: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'janus-segments-'))
    take(join(folder, 'ledger'))
  })
  afterEach(() => rm(folder, { recursive: true, force: true }))
}
