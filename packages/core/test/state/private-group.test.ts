import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { isPrivateGroup } from '../../src/state/private-group.js'

const ALICE = 1000
let directory: string

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'janus-group-'))
  const passwd = [
    'root:x:0:0:root:/root:/bin/sh',
    'operator:x:11:0::/:/bin/false',
    'alice:x:1000:1000::/home/alice:/bin/sh',
  ]
  const group = [
    'root:x:0:',
    'alice:x:1000:',
    'named:x:1001:alice,root',
    'shared:x:1002:alice,operator',
    'ghost:x:1003:nobody-known',
  ]
  await writeFile(join(directory, 'passwd'), passwd.join('\n'))
  await writeFile(join(directory, 'group'), group.join('\n'))
})
afterAll(() => rm(directory, { recursive: true }))

test.each([
  ['the own group of a user', 1000, true],
  ['a group that names only the user and root', 1001, true],
  ['a group that names somebody else', 1002, false],
  ['a group that names somebody unknown', 1003, false],
  ['a group that is the first one of somebody else', 0, false],
  ['a group that the files do not know', 4242, false],
])('%s (%i): private is %s', async (_, gid, isPrivate) => {
  expect(await isPrivateGroup(gid, ALICE, directory)).toBe(isPrivate)
})

test('without the files no group is private', async () => {
  expect(await isPrivateGroup(1000, ALICE, '/nonexistent')).toBe(false)
})
