import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { placeOnDisk } from '../../src/state/place-on-disk.js'

// Archives themselves, and what the loader calls virtual, are tested with Yarn: integration/installed.test.ts.
describe('the place of a path on the disk', () => {
  const versions = process.versions as { pnp?: string }
  let folder: string

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'janus-place-'))
    writeFileSync(join(folder, 'fans.zip'), '')
    mkdirSync(join(folder, 'pumps.zip'))
  })
  afterEach(() => {
    delete versions.pnp
    rmSync(folder, { recursive: true, force: true })
  })

  it('is the path itself without the loader of Yarn', () => {
    const path = join(folder, 'fans.zip/node_modules/fans')
    expect(placeOnDisk(path)).toEqual({ path, isArchive: false })
  })

  it('is the archive under the loader, and never a folder that is called like one', () => {
    versions.pnp = '3'
    const archive = join(folder, 'fans.zip')
    expect(placeOnDisk(join(archive, 'node_modules/fans'))).toEqual({ path: archive, isArchive: true })
    const path = join(folder, 'pumps.zip/node_modules/pumps')
    expect(placeOnDisk(path)).toEqual({ path, isArchive: false })
    expect(placeOnDisk(join(folder, 'pumps.zip'))).toMatchObject({ isArchive: false })
  })
})
