import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { packageDirectory, repositoryAddress, sharedFields } from '../scripts/package-fields.js'
import { publicPackages, readPackageJson, repository } from '../scripts/workspace.js'

const root = await readPackageJson(repository)
const packages = await publicPackages()

describe.each(packages)('package.json of $name', (member) => {
  const { json, folder } = member

  test('shares with the others what `npm run fields` writes', () => {
    const shared = sharedFields(root, packageDirectory(repository, member), repositoryAddress(root))
    expect(json).toMatchObject(shared)
  })

  test('says in one sentence what it is, and is found by its keywords', () => {
    expect(json.description).toMatch(/^[^\n]{20,140}\.$/)
    expect(json.keywords).toContain('janus')
    expect(new Set(json.keywords).size).toBe(json.keywords?.length)
    // The keyword is what `npm search` finds modules by.
    expect(json.keywords?.includes('janus-module')).toBe((json.janus?.modules ?? []).length > 0)
  })

  test('publishes its licence, and says whether importing it does anything', async () => {
    expect(json.files).toContain('LICENSE.md')
    const licence = async (at: string): Promise<string> => await readFile(join(at, 'LICENSE.md'), 'utf8')
    expect(await licence(folder)).toBe(await licence(repository))
    expect(typeof json.sideEffects).toBe('boolean')
  })

  test('runs nothing when it is installed, and demands no provenance from whoever publishes elsewhere', () => {
    expect(Object.keys(json.scripts ?? {})).toEqual([])
    expect(json.publishConfig).not.toHaveProperty('provenance')
  })
})
