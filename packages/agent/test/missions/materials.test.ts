import { execFileSync } from 'node:child_process'
import { link, mkdir, mkdtemp, realpath, rm, symlink, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { excerptOf, readMaterial } from '../../src/index.js'
import { studyMaterials } from '../../src/missions/study-materials.js'

const SECRET = 'root:$6$not-for-a-model'
let folder: string
let root: string

beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'janus-materials-')))
  root = join(folder, 'missions')
  await mkdir(join(root, 'notes'), { recursive: true })
  await writeFile(join(folder, 'shadow'), SECRET)
  await writeFile(join(root, 'notes', 'plan.md'), 'Tidy the logs')
})

afterEach(() => rm(folder, { recursive: true, force: true }))

const read = (path: string, mostCharacters = 6000) =>
  readMaterial({ name: 'it', path }, { roots: [root], directory: root, mostCharacters })

describe('a study material', () => {
  test('is read by a path from its mission, also one with .. that stays inside', async () => {
    expect(await read('notes/plan.md')).toEqual({ name: 'it', text: 'Tidy the logs', shortened: false })
    expect(await read('notes/../notes/plan.md')).toMatchObject({ text: 'Tidy the logs' })
    expect(await read(join(root, 'notes/plan.md'))).toMatchObject({ text: 'Tidy the logs' })
  })

  const outside: readonly (readonly [string, () => Promise<string>])[] = [
    ['..', async () => '../shadow'],
    ['many ..', async () => `${'../'.repeat(30)}etc/hostname`],
    ['an absolute path', async () => join(folder, 'shadow')],
    ['/etc/shadow', async () => '/etc/shadow'],
    ['/proc/self/environ', async () => '/proc/self/environ'],
    ['/proc/self/root', async () => `/proc/self/root${folder}/shadow`],
    ['/dev/zero', async () => '/dev/zero'],
    ['/sys', async () => '/sys/kernel/mm/transparent_hugepage/enabled'],
    ['a path longer than the kernel takes', async () => 'x/'.repeat(3000)],
    ['a name longer than the kernel takes', async () => 'x'.repeat(300)],
    [
      'a directory whose name begins like that of a root',
      async () => {
        await mkdir(`${root}-other`)
        await writeFile(`${root}-other/x`, SECRET)
        return `${root}-other/x`
      },
    ],
    ['the root itself', async () => '.'],
    ['a file that is not there', async () => 'nothing.md'],
    [
      'a link out',
      async () => {
        await symlink(join(folder, 'shadow'), join(root, 'link'))
        return 'link'
      },
    ],
    [
      'a directory that is a link out',
      async () => {
        await symlink(folder, join(root, 'out'))
        return 'out/shadow'
      },
    ],
    [
      'links to each other',
      async () => {
        await symlink('b', join(root, 'a'))
        await symlink('a', join(root, 'b'))
        return 'a'
      },
    ],
    [
      'a link to a process',
      async () => {
        await symlink('/proc/self/environ', join(root, 'env'))
        return 'env'
      },
    ],
    [
      'a FIFO',
      async () => {
        execFileSync('mkfifo', [join(root, 'fifo')])
        return 'fifo'
      },
    ],
    [
      'a file of a terabyte',
      async () => {
        await writeFile(join(root, 'huge'), 'x')
        await truncate(join(root, 'huge'), 1e12)
        return 'huge'
      },
    ],
    [
      'a program',
      async () => {
        await writeFile(join(root, 'program'), Buffer.from([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0]))
        return 'program'
      },
    ],
    [
      'a picture',
      async () => {
        await writeFile(join(root, 'picture'), Buffer.from([0x89, 0x50, 0x4e, 0x47, 0xff, 0xd8]))
        return 'picture'
      },
    ],
  ]

  test.each(outside)('that is %s is refused with its code, and nothing of it is read', async (_what, prepare) => {
    const path = await prepare()
    const refused = await read(path).catch((error: unknown) => error)
    expect(refused).toMatchObject({ code: 'JANUS_AGENT_MATERIAL_REFUSED' })
    expect(JSON.stringify(refused)).not.toContain(SECRET)
  })

  test('a root that is the whole machine is no root', async () => {
    const bounds = { roots: ['/'], directory: '/', mostCharacters: 100 }
    await expect(readMaterial({ name: 'it', path: join(folder, 'shadow') }, bounds)).rejects.toMatchObject({
      code: 'JANUS_AGENT_MATERIAL_REFUSED',
    })
  })

  test('a root that is a link leads to where it leads, and a second name of a file is that file', async () => {
    await symlink(root, join(folder, 'alias'))
    await link(join(root, 'notes/plan.md'), join(root, 'same.md'))
    const bounds = { roots: [join(folder, 'alias')], directory: join(folder, 'alias'), mostCharacters: 100 }
    expect(await readMaterial({ name: 'it', path: 'same.md' }, bounds)).toMatchObject({ text: 'Tidy the logs' })
  })

  test('of a long one head and tail are shown, to the character', async () => {
    await writeFile(join(root, 'long'), `${'h'.repeat(10_000)}${'m'.repeat(100_000)}${'t'.repeat(10_000)}`)
    const { text, shortened } = await read('long')
    expect(text).toBe(`${'h'.repeat(3000)}\n...\n${'t'.repeat(3000)}`)
    expect(shortened).toBe(true)
  })

  test('a cut falls between characters, wherever it falls', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 2, max: 40 }),
        fc.constantFrom('é', '漢', '🐧', 'aé漢🐧'),
        async (most, word) => {
          await writeFile(join(root, 'words'), word.repeat(200))
          const { text } = await read('words', most)
          expect(text.length).toBeLessThanOrEqual(most + '\n...\n'.length)
          expect(Buffer.from(text, 'utf8').toString('utf8')).toBe(text)
        },
      ),
      { numRuns: 60 },
    )
  })

  test('any text shown whole or cut can be held by JSON', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), fc.integer({ min: 0, max: 100 }), (text, most) => {
        expect(excerptOf(text, most).text.length).toBeLessThanOrEqual(Math.max(text.length, most + 5))
        expect(excerptOf(text, most).text).not.toMatch(/\p{Surrogate}/u)
      }),
    )
  })

  test('of a thousand sixteen are read, and the others are told in one line', async () => {
    const materials = Array.from({ length: 1000 }, () => ({ name: 'plan', path: 'notes/plan.md' }))
    const studied = await studyMaterials({ materials, directory: root }, { roots: [root], mostCharacters: 6000 })
    expect(studied.materials).toHaveLength(16)
    expect(studied.refused).toEqual([{ code: 'JANUS_AGENT_MATERIAL_REFUSED', text: expect.stringContaining('984') }])
  })

  test('all of them together are no more than 64,000 characters', async () => {
    await writeFile(join(root, 'long'), 'x'.repeat(1_000_000))
    const materials = Array.from({ length: 16 }, () => ({ name: 'long', path: 'long' }))
    const studied = await studyMaterials({ materials, directory: root }, { roots: [root], mostCharacters: 50_000 })
    expect(studied.materials.reduce((sum, { text }) => sum + text.length, 0)).toBeLessThan(64_200)
  })
})
