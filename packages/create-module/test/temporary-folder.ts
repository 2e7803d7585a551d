import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

/** An empty folder, removed when the test that asks for it has ended. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'janus-create-module-'))
  onTestFinished(async () => await rm(folder, { recursive: true, force: true }))
  return folder
}
