import {
  chmod,
  chown,
  link,
  mkdir,
  mkdtemp,
  realpath,
  rename,
  rm,
  stat,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { tellsOwners } from '../../src/identity/user-challenge.js'
import { answerChallenge, prepareUserChallenges, type UserChallenge, type UserChallenges } from '../../src/index.js'
import { asUser, canBeAnybody } from '../support/as-user.js'

const VICTIM = 4243
const ATTACKER = 4242
const REFUSED = { code: 'JANUS_AGENT_IDENTITY_REFUSED' }

let folder: string
let challenges: UserChallenges
let challenge: UserChallenge
let path: string

beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'janus-identity-')))
  await chmod(folder, 0o755)
  challenges = await prepareUserChallenges(join(folder, 'identity'))
  challenge = challenges.create()
  path = join(challenges.directory, challenge.file)
})

afterEach(() => rm(folder, { recursive: true, force: true }))

const own = process.getuid?.() ?? 0
const quoted = (text: string) => JSON.stringify(text)

describe('whoever creates the file that was named and sets its time', () => {
  test('is its owner', async () => {
    const answer = await answerChallenge(challenges.directory, challenge.file)
    await answer.setTime(await challenge.look())
    expect(await challenge.confirm()).toBe(own)
    await answer.end()
    await expect(stat(path)).rejects.toMatchObject({ code: 'ENOENT' })
  })

  test('is known by it once', async () => {
    const answer = await answerChallenge(challenges.directory, challenge.file)
    await answer.setTime(await challenge.look())
    await challenge.confirm()
    await expect(challenge.confirm()).rejects.toMatchObject(REFUSED)
    await expect(challenge.look()).rejects.toMatchObject(REFUSED)
    await answer.end()
  })

  test('is told another name and another time each time', async () => {
    const times = new Set<number>()
    const names = new Set<string>()
    for (let count = 0; count < 20; count += 1) {
      const each = challenges.create()
      const answer = await answerChallenge(challenges.directory, each.file)
      names.add(each.file)
      times.add(await each.look())
      await answer.end()
    }
    expect([names.size, times.size]).toEqual([20, 20])
  })

  test('does not create files elsewhere because the other end says so', async () => {
    for (const name of ['../escaped', '/tmp/escaped', 'x', '', `${'0'.repeat(31)}/`]) {
      await expect(answerChallenge(challenges.directory, name)).rejects.toMatchObject(REFUSED)
    }
  })
})

describe('what is refused as a sign of who somebody is', () => {
  test.each<readonly [string, () => Promise<unknown>]>([
    ['nothing at all', async () => undefined],
    ['a file with content', () => writeFile(path, 'x', { mode: 0o600 })],
    ['a file that others may read', () => writeFile(path, '', { mode: 0o644 })],
    ['a directory', () => mkdir(path, 0o600)],
    [
      'a symbolic link',
      async () => {
        await writeFile(join(folder, 'target'), '', { mode: 0o600 })
        await symlink(join(folder, 'target'), path)
      },
    ],
    [
      'a file with another name',
      async () => {
        await writeFile(join(folder, 'target'), '', { mode: 0o600 })
        await link(join(folder, 'target'), path)
      },
    ],
  ])('%s', async (_what, make) => {
    await make()
    await expect(challenge.look()).rejects.toMatchObject(REFUSED)
  })

  test('another time than the one that was asked for', async () => {
    await writeFile(path, '', { mode: 0o600 })
    const time = await challenge.look()
    await utimes(path, time, time + 1)
    await expect(challenge.confirm()).rejects.toMatchObject(REFUSED)
  })

  test('another file than the one that was looked at', async () => {
    await writeFile(path, '', { mode: 0o600 })
    const time = await challenge.look()
    await writeFile(`${path}.new`, '', { mode: 0o600 })
    await rename(`${path}.new`, path)
    await utimes(path, time, time)
    await expect(challenge.confirm()).rejects.toMatchObject(REFUSED)
  })

  test('what was there before the challenge is not there any more', async () => {
    await writeFile(join(challenges.directory, 'left-over'), '')
    await prepareUserChallenges(challenges.directory)
    await expect(stat(join(challenges.directory, 'left-over'))).rejects.toMatchObject({ code: 'ENOENT' })
    expect((await stat(challenges.directory)).mode & 0o7777).toBe(0o1733)
  })

  test.each([
    ['NFS', 0x6969],
    ['CIFS', 0xff534d42],
    ['CIFS, as a signed number', 0xff534d42 | 0],
    ['FUSE', 0x65735546],
    ['FAT', 0x4d44],
  ])('a file on %s, whose owner somebody else makes up', (_name, type) => {
    expect(tellsOwners(type)).toBe(false)
    expect([0xef53, 0x01021994, 0x9123683e, 0x58465342].map(tellsOwners)).toEqual([true, true, true, true])
  })

  test('a directory that is not ours is not used', async () => {
    await symlink(challenges.directory, join(folder, 'link'))
    await expect(prepareUserChallenges(join(folder, 'link'))).rejects.toMatchObject(REFUSED)
  })
})

describe.runIf(canBeAnybody)('attack 10: a user pretends to be another', () => {
  const tryTime = async (uid: number) => {
    const time = await challenge.look()
    return asUser(
      uid,
      `import { utimesSync } from 'node:fs'
       try { utimesSync(${quoted(path)}, ${time}, ${time}); console.log('set') } catch (error) { console.log(error.code) }`,
    )
  }

  test('the owner is told by the kernel', async () => {
    await asUser(
      VICTIM,
      `import { writeFileSync } from 'node:fs'; writeFileSync(${quoted(path)}, '', { flag: 'wx', mode: 0o600 })`,
    )
    expect(await tryTime(VICTIM)).toBe('set')
    expect(await challenge.confirm()).toBe(VICTIM)
  })

  test('with a hard link to a file of the other, whose first name is removed then', async () => {
    const target = join(folder, 'of-the-victim')
    await writeFile(target, '', { mode: 0o600 })
    await chown(target, VICTIM, VICTIM)
    // As if the kernel let everybody link everything (fs.protected_hardlinks = 0).
    await link(target, path)
    await expect(challenge.look()).rejects.toMatchObject(REFUSED)
    await rm(target)
    await rm(path)
    challenge = challenges.create()
    path = join(challenges.directory, challenge.file)
    await writeFile(target, '', { mode: 0o600 })
    await chown(target, VICTIM, VICTIM)
    await link(target, path)
    await rm(target)
    expect(await tryTime(ATTACKER)).toBe('EPERM')
    await expect(challenge.confirm()).rejects.toMatchObject(REFUSED)
  })

  test('with a file that the other left in a directory of theirs, moved over', async () => {
    const shared = join(folder, 'shared')
    await mkdir(shared)
    await chown(shared, ATTACKER, ATTACKER)
    await chmod(shared, 0o777)
    await asUser(
      VICTIM,
      `import { writeFileSync } from 'node:fs'; writeFileSync(${quoted(join(shared, 'note'))}, '', { mode: 0o600 })`,
    )
    await asUser(
      ATTACKER,
      `import { renameSync } from 'node:fs'; renameSync(${quoted(join(shared, 'note'))}, ${quoted(path)})`,
    )
    expect((await stat(path)).uid).toBe(VICTIM)
    expect(await tryTime(ATTACKER)).toBe('EPERM')
    await expect(challenge.confirm()).rejects.toMatchObject(REFUSED)
  })

  test('by looking for the names of others, or removing or replacing their files', async () => {
    await asUser(
      VICTIM,
      `import { writeFileSync } from 'node:fs'; writeFileSync(${quoted(path)}, '', { flag: 'wx', mode: 0o600 })`,
    )
    const tries = await asUser(
      ATTACKER,
      `import { readdirSync, renameSync, unlinkSync, writeFileSync } from 'node:fs'
       const attempt = (work) => { try { work(); return 'done' } catch (error) { return error.code } }
       writeFileSync(${quoted(`${challenges.directory}/mine`)}, '')
       console.log(JSON.stringify([
         attempt(() => readdirSync(${quoted(challenges.directory)})),
         attempt(() => unlinkSync(${quoted(path)})),
         attempt(() => renameSync(${quoted(`${challenges.directory}/mine`)}, ${quoted(path)})),
         attempt(() => writeFileSync(${quoted(path)}, 'x')),
       ]))`,
    )
    expect(JSON.parse(tries)).toEqual(['EACCES', 'EPERM', 'EPERM', 'EACCES'])
    expect(await tryTime(VICTIM)).toBe('set')
    expect(await challenge.confirm()).toBe(VICTIM)
  })
})
