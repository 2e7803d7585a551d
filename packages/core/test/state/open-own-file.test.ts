import { chmod, mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openOwnFile } from '../../src/state/index.js'

let directory: string

beforeEach(async () => {
  directory = join(await realpath(await mkdtemp(join(tmpdir(), 'janus-own-'))), 'a b; id')
  await mkdir(directory)
})
afterEach(() => rm(join(directory, '..'), { recursive: true, force: true }))

test('what is refused is mended by one command, wherever it lies', async () => {
  const path = join(directory, 'state')
  const remedyOf = () =>
    openOwnFile(path, { write: false }).then(
      () => undefined,
      (error: { readonly remedy: string }) => error.remedy,
    )

  await mkdir(path)
  expect(await remedyOf()).toBe(`Move it away: mv '${path}' '${path}.foreign'`)
  await rm(path, { recursive: true })
  await symlink('elsewhere', path)
  expect(await remedyOf()).toBe(`Remove the link: rm '${path}'`)
  await rm(path)
  await writeFile(path, '')
  await chmod(path, 0o666)
  expect(await remedyOf()).toBe(`Correct the mode: chmod go-w '${path}'`)
})
