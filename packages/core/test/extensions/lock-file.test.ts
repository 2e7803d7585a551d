import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readLockFile, writePin } from '../../src/extensions/lock-file.js'
import { type Pin, parseLockFile } from '../../src/extensions/lock-schema.js'
import { folderOf } from '../modules/package-tree.js'

const files = fc
  .uint8Array({ minLength: 32, maxLength: 32 })
  .map((bytes) => `sha256-${Buffer.from(bytes).toString('base64')}`)
const line = fc.string({ maxLength: 30 }).filter((text) => !/\p{Cc}/u.test(text))
const kebab = fc.constantFrom('fans', 'gpu-vfio', 'a1')
const pin: fc.Arbitrary<Pin> = fc.record(
  {
    version: line,
    integrity: line,
    files,
    brings: fc.record({ modules: fc.array(fc.record({ id: kebab, type: kebab })), commands: fc.array(kebab) }),
    trusted: fc.boolean(),
  },
  { requiredKeys: ['version', 'files', 'brings', 'trusted'] },
)
const key = line.filter((text) => text !== '' && text !== '__proto__')
const one: Pin = {
  version: '1.2.3',
  files: `sha256-${'A'.repeat(43)}=`,
  brings: { modules: [], commands: [] },
  trusted: true,
}

describe('the lock file', () => {
  it('is read as it was written', () => {
    fc.assert(
      fc.property(fc.dictionary(key, pin, { noNullPrototype: true }), (modules) => {
        const lock = JSON.parse(JSON.stringify({ schema: 'janus.lock/1', modules }))
        expect(parseLockFile(lock)).toEqual({ lock })
      }),
    )
  })

  it('that is anything else is refused with a field and a reason, and never throws', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (content) => {
        expect(parseLockFile(content)).toMatchObject({ field: expect.any(String), problem: expect.any(String) })
      }),
    )
  })

  it('is not there before something is pinned, and has only that in it afterwards', async () => {
    const folder = folderOf({ 'readme.txt': '' })
    expect((await readLockFile(folder)).modules).toEqual({})
    expect(existsSync(join(folder, 'janus.lock.json'))).toBe(false)
    await writePin(folder, 'b', one)
    await writePin(folder, 'a', { ...one, trusted: false })
    expect(Object.keys((await readLockFile(folder)).modules)).toEqual(['a', 'b'])
    expect(statSync(join(folder, 'janus.lock.json')).mode & 0o777).toBe(0o600)
    await writePin(folder, 'a', undefined)
    expect(await readLockFile(folder)).toEqual({ schema: 'janus.lock/1', modules: { b: one } })
    expect(readdirSync(folder).sort()).toEqual(['janus.lock.json', 'readme.txt'])
  })

  it.each([
    ['no JSON', '{', 'it is not JSON'],
    ['another schema', { schema: 'janus.lock/2', modules: {} }, 'schema'],
    [
      'a digest that is none',
      { schema: 'janus.lock/1', modules: { a: { ...one, files: 'md5-x' } } },
      'modules.a.files',
    ],
    ['a field nobody knows', { schema: 'janus.lock/1', modules: { a: { ...one, root: true } } }, 'modules.a.root'],
  ])('with %s is refused with the field, and left as it is', async (_, content, named) => {
    const folder = folderOf({ 'janus.lock.json': content })
    const before = readFileSync(join(folder, 'janus.lock.json'), 'utf8')
    const refused = { code: 'JANUS_LOCK_INVALID', message: expect.stringContaining(named) }
    await expect(readLockFile(folder)).rejects.toMatchObject(refused)
    await expect(writePin(folder, 'b', one)).rejects.toMatchObject(refused)
    expect(readFileSync(join(folder, 'janus.lock.json'), 'utf8')).toBe(before)
  })
})
