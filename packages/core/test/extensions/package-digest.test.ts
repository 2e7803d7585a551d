import { chmodSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { packageDigest } from '../../src/extensions/package-digest.js'
import { folderOf } from '../modules/package-tree.js'

const tree = () =>
  folderOf({
    'package.json': { name: 'fans', dependencies: { helper: '1', gone: '1' } },
    'index.js': 'export default 1',
    'lib/deep.js': 'export default 2',
    'node_modules/helper/package.json': { name: 'helper', dependencies: { leaf: '1' } },
    'node_modules/leaf/index.js': '1',
    'node_modules/leaf/package.json': { name: 'leaf' },
    'node_modules/stranger/package.json': { name: 'stranger' },
  })
const own = (folder: string) => packageDigest(folder, { dependencies: false })
const all = (folder: string) => packageDigest(folder, { dependencies: true })

describe('the digest of a package', () => {
  it('is the same for the same files, wherever they lie', async () => {
    const [one, two] = [tree(), tree()]
    expect(await own(one)).toMatch(/^sha256-[A-Za-z0-9+/]{43}=$/)
    expect(await own(one)).toBe(await own(two))
    expect(await all(one)).toBe(await all(two))
    expect(await all(one)).not.toBe(await own(one))
  })

  it.each<[string, (folder: string) => void]>([
    ['a byte', (folder) => writeFileSync(join(folder, 'lib/deep.js'), 'export default 3')],
    ['a new file', (folder) => writeFileSync(join(folder, 'lib/new.js'), '')],
    ['a file that is gone', (folder) => rmSync(join(folder, 'index.js'))],
    ['another name', (folder) => renameSync(join(folder, 'index.js'), join(folder, 'index.mjs'))],
    ['the executable bit', (folder) => chmodSync(join(folder, 'index.js'), 0o755)],
    [
      'a link in place of a file',
      (folder) => {
        renameSync(join(folder, 'index.js'), join(folder, 'lib/x.js'))
        symlinkSync('lib/x.js', join(folder, 'index.js'))
      },
    ],
    [
      'a file moved into another folder',
      (folder) => {
        mkdirSync(join(folder, 'other'))
        renameSync(join(folder, 'lib/deep.js'), join(folder, 'other/deep.js'))
      },
    ],
  ])('changes with %s', async (_, change) => {
    const folder = join(folderOf({ 'in/index.js': 'export default 1', 'in/lib/deep.js': 'export default 2' }), 'in')
    const before = await own(folder)
    change(folder)
    expect(await own(folder)).not.toBe(before)
  })

  it('covers what may run with it only when asked: what it depends on, and what lies in its node_modules', async () => {
    const folder = tree()
    const before = await own(folder)
    const states = [await all(folder)]
    const write = async (path: string) => {
      mkdirSync(join(folder, path, '..'), { recursive: true })
      writeFileSync(join(folder, path), `state ${states.length}`)
      states.push(await all(folder))
    }
    await write('node_modules/leaf/index.js')
    await write('node_modules/stranger/index.js')
    await write('node_modules/@scope/x/m.js')
    await write('node_modules/m.js')
    await write('lib/node_modules/deep/m.js')
    await write('node_modules/stranger/node_modules/deeper/m.js')
    expect(new Set(states).size).toBe(states.length)
    expect(await own(folder)).toBe(before)
  })

  it('does not cover a package that lies beside it and is none of its own', async () => {
    const root = folderOf({
      'node_modules/fans/package.json': { name: 'fans', dependencies: { helper: '1' } },
      'node_modules/helper/package.json': { name: 'helper' },
      'node_modules/stranger/index.js': '1',
    })
    const before = await all(join(root, 'node_modules/fans'))
    writeFileSync(join(root, 'node_modules/stranger/index.js'), '2')
    expect(await all(join(root, 'node_modules/fans'))).toBe(before)
    writeFileSync(join(root, 'node_modules/helper/index.js'), '2')
    expect(await all(join(root, 'node_modules/fans'))).not.toBe(before)
  })

  it.each(['../x.js', '../gone.js', '/etc/hostname', '.git/hooks/x.js'])(
    'is not made over a link to %s',
    async (target) => {
      const root = folderOf({ 'x.js': '1', 'in/index.js': '1', 'in/.git/hooks/x.js': '1', 'in/inside.js': '1' })
      symlinkSync(target, join(root, 'in/link.js'))
      await expect(own(join(root, 'in'))).rejects.toMatchObject({
        code: 'JANUS_MODULE_INTEGRITY',
        message: expect.stringContaining(`${root}/in/link.js is a link that leads out`),
      })
    },
  )

  it('of a file of a tree covers what the tree shares', async () => {
    const root = folderOf({ 'modules/cpu/a.sh': 'a', 'modules/cpu/b.sh': 'b', 'lib/janus-log.sh': '1' })
    const file = join(root, 'modules/cpu/a.sh')
    const before = await own(file)
    writeFileSync(join(root, 'modules/cpu/b.sh'), 'c')
    expect(await own(file)).toBe(before)
    writeFileSync(join(root, 'lib/janus-log.sh'), '2')
    expect(await own(file)).not.toBe(before)
  })

  it('is not fooled by files whose names and contents run together', async () => {
    const one = folderOf({ ab: 'c', d: '' })
    const two = folderOf({ a: 'bc', d: '' })
    expect(await own(one)).not.toBe(await own(two))
  })
})
