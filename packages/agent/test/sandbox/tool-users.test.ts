import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findToolUsers, identitiesOf } from '../../src/sandbox/tool-users.js'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'janus-users-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

async function files(passwd: string, subuid: string, subgid = subuid) {
  const paths = { passwd: join(folder, 'passwd'), subuid: join(folder, 'subuid'), subgid: join(folder, 'subgid') }
  await Promise.all([writeFile(paths.passwd, passwd), writeFile(paths.subuid, subuid), writeFile(paths.subgid, subgid)])
  return paths
}

const PASSWD = 'root:x:0:0:root:/root:/bin/bash\njanus:x:998:997::/:/usr/sbin/nologin\n'

describe('the users of tools', () => {
  test('are the numbers that are reserved for the user, by name or by number', async () => {
    expect(findToolUsers('janus', await files(PASSWD, 'other:1:2\njanus:200000:8\n'))).toEqual({
      firstUid: 200_000,
      firstGid: 200_000,
      count: 8,
    })
    expect(findToolUsers('janus', await files(PASSWD, '998:300000:65536\n'))).toMatchObject({
      firstUid: 300_000,
      count: 64,
    })
  })

  test('are the user itself, for one run at a time, where none are reserved', async () => {
    expect(findToolUsers('janus', await files(PASSWD, ''))).toEqual({ firstUid: 998, firstGid: 997, count: 1 })
  })

  test('attack 36: are refused where there are none', async () => {
    const none = await files(PASSWD, '')
    expect(() => findToolUsers('nobody-here', none)).toThrow(
      expect.objectContaining({ code: 'JANUS_SANDBOX_UNAVAILABLE', remedy: expect.stringContaining('subuids') }),
    )
  })

  test.each([
    ['root', { firstUid: 0, firstGid: 5, count: 2 }, 0],
    ['the group of root', { firstUid: 5, firstGid: 0, count: 2 }, 0],
    ['the agent itself', { firstUid: 4240, firstGid: 4240, count: 8 }, 4242],
    ['nobody at all', { firstUid: 4240, firstGid: 4240, count: 0 }, 0],
  ])('attack 36: are never %s', (_, users, own) => {
    expect(() => identitiesOf(users, own)).toThrow(expect.objectContaining({ code: 'JANUS_SANDBOX_UNAVAILABLE' }))
  })

  test('are one for each run at a time', () => {
    expect(identitiesOf({ firstUid: 100, firstGid: 200, count: 3 }, 0)).toEqual([
      { uid: 100, gid: 200 },
      { uid: 101, gid: 201 },
      { uid: 102, gid: 202 },
    ])
  })
})
