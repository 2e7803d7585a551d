import { chmod, mkdir, readFile, symlink, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { folderListing, listingDifference } from '../scripts/folder-listing.js'
import { temporaryFolder } from './temporary-folder.js'

test('two listings of an untouched folder are equal, also after its files were read', async () => {
  const folder = await folderWithAFile()
  const before = await folderListing(folder)
  await readFile(join(folder, 'file'))
  expect(listingDifference(before, await folderListing(folder))).toEqual([])
})

test.each([
  ['a new file', async (folder: string) => await writeFile(join(folder, 'new'), '')],
  ['a new folder', async (folder: string) => await mkdir(join(folder, 'new'))],
  ['a new link', async (folder: string) => await symlink('nowhere', join(folder, 'new'))],
  ['another mode', async (folder: string) => await chmod(join(folder, 'file'), 0o600)],
  ['other bytes of the same length', async (folder: string) => await writeFile(join(folder, 'file'), 'TEXT')],
  ['another time', async (folder: string) => await utimes(join(folder, 'file'), 1, 1)],
])('%s is a difference', async (_, change) => {
  const folder = await folderWithAFile()
  const before = await folderListing(folder)
  await change(folder)
  expect(listingDifference(before, await folderListing(folder))).not.toEqual([])
})

test('a folder that appears is a difference', async () => {
  const folder = join(await temporaryFolder('listing'), 'later')
  const before = await folderListing(folder)
  await mkdir(folder)
  expect(listingDifference(before, await folderListing(folder))).not.toEqual([])
})

async function folderWithAFile(): Promise<string> {
  const folder = await temporaryFolder('listing')
  await writeFile(join(folder, 'file'), 'text', { mode: 0o644 })
  return folder
}
