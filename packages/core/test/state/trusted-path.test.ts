import { execFile } from 'node:child_process'
import {
  chmod,
  chown,
  lchown,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  realpath,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { inspectStateDirectory, prepareStateDirectory, requireTrustedPath } from '../../src/state/index.js'

const run = promisify(execFile)
const uid = process.geteuid?.() ?? 0
const MALLORY = 4242
const ALICE = 4343

let directory: string

beforeEach(async () => {
  directory = await realpath(await mkdtemp(join(tmpdir(), 'janus-state-')))
})
afterEach(() => rm(directory, { recursive: true, force: true }))

test('inspecting an absent directory says so and creates nothing', async () => {
  expect(await inspectStateDirectory(join(directory, 'a', 'b'), { uid })).toBe('absent')
  expect(await readdir(directory)).toEqual([])
})

test('preparing creates what is missing, the last with the mode it is given, whatever the umask', async () => {
  const path = join(directory, 'a', 'b', 'janus')
  const umask = process.umask(0)
  try {
    await prepareStateDirectory(path, { uid })
  } finally {
    process.umask(umask)
  }
  expect((await lstat(path)).mode & 0o7777).toBe(0o750)
  expect((await lstat(join(directory, 'a'))).mode & 0o022).toBe(0)
  await prepareStateDirectory(path, { uid })
  expect(await inspectStateDirectory(path, { uid })).toBe('readable')
})

test('a directory that others may write is refused, with the command that mends it', async () => {
  const path = join(directory, 'open')
  await mkdir(path)
  for (const mode of [0o757, 0o777, 0o1777]) {
    await chmod(path, mode)
    const remedy = `Correct the mode: chmod go-w ${path}`
    await expect(inspectStateDirectory(path, { uid })).rejects.toMatchObject({ code: 'JANUS_STATE_UNSAFE', remedy })
    await expect(prepareStateDirectory(path, { uid })).rejects.toMatchObject({ code: 'JANUS_STATE_UNSAFE' })
  }
  await chmod(path, 0o777)
  const below = join(path, 'below')
  await expect(prepareStateDirectory(below, { uid })).rejects.toMatchObject({
    code: 'JANUS_STATE_UNSAFE',
    data: { path },
  })
  expect(await readdir(path)).toEqual([])
})

test('a sticky directory is fine above one of our own', async () => {
  await chmod(directory, 0o1777)
  const path = join(directory, 'own')
  await prepareStateDirectory(path, { uid })
  expect(await inspectStateDirectory(path, { uid })).toBe('readable')
})

test('a file in the way is refused', async () => {
  const path = join(directory, 'file')
  await writeFile(path, '')
  await expect(inspectStateDirectory(path, { uid })).rejects.toMatchObject({ code: 'JANUS_STATE_UNSAFE' })
  await expect(prepareStateDirectory(join(path, 'x'), { uid })).rejects.toMatchObject({ code: 'JANUS_STATE_UNSAFE' })
})

test('our own links are followed, one by one, and a loop ends', async () => {
  const real = join(directory, 'real')
  await mkdir(join(real, 'inner'), { recursive: true })
  await symlink('real', join(directory, 'relative'))
  await symlink(join(directory, 'relative', '..', 'real', 'inner'), join(directory, 'absolute'))
  expect(await requireTrustedPath(join(directory, 'absolute'), uid)).toEqual({
    resolved: join(real, 'inner'),
    missing: [],
  })
  await symlink('loop', join(directory, 'loop'))
  await expect(requireTrustedPath(join(directory, 'loop'), uid)).rejects.toMatchObject({ code: 'JANUS_STATE_UNSAFE' })
})

test('a link that leads into a directory others may write is refused', async () => {
  await mkdir(join(directory, 'open', 'inner'), { recursive: true })
  await chmod(join(directory, 'open'), 0o777)
  await symlink(join(directory, 'open', 'inner'), join(directory, 'link'))
  const code = 'JANUS_STATE_UNSAFE'
  await expect(requireTrustedPath(join(directory, 'link'), uid)).rejects.toMatchObject({ code })
})

describe.runIf(uid === 0)('with other users', () => {
  beforeEach(() => chmod(directory, 0o755))

  test('a component that belongs to another user is refused', async () => {
    const path = join(directory, 'hers')
    await mkdir(path)
    await chown(path, MALLORY, MALLORY)
    const remedy = `Correct the owner: chown 0 ${path}`
    await expect(inspectStateDirectory(path, { uid })).rejects.toMatchObject({ code: 'JANUS_STATE_UNSAFE', remedy })
    await expect(prepareStateDirectory(join(path, 'x', 'y'), { uid })).rejects.toMatchObject({ data: { path } })
  })

  test('a link that another user placed in a sticky directory is refused, wherever it leads', async () => {
    await chmod(directory, 0o1777)
    await mkdir(join(directory, 'own'))
    const link = join(directory, 'link')
    await symlink('own', link)
    await lchown(link, MALLORY, MALLORY)
    await expect(inspectStateDirectory(link, { uid })).rejects.toMatchObject({
      code: 'JANUS_STATE_UNSAFE',
      data: { path: link },
    })
  })

  test('a group-writable directory is refused when the group has other members, or is unknown', async () => {
    const path = join(directory, 'shared')
    await mkdir(path)
    await chown(path, 0, MALLORY)
    await chmod(path, 0o770)
    await expect(inspectStateDirectory(path, { uid })).rejects.toMatchObject({ code: 'JANUS_STATE_UNSAFE' })
  })

  test('who may not read the state of root is told to use sudo, and never that there is none', async () => {
    const path = join(directory, 'janus')
    await prepareStateDirectory(path, { uid })
    const answer = await asUser(MALLORY, 'inspect', path)
    expect(answer).toMatchObject({ code: 'JANUS_STATE_DENIED', remedy: expect.stringContaining('sudo') })
    expect(await asUser(MALLORY, 'inspect', join(path, 'deeper'))).toMatchObject({ code: 'JANUS_STATE_DENIED' })
    expect(await asUser(MALLORY, 'prepare', join(directory, 'new'))).toMatchObject({ code: 'JANUS_STATE_DENIED' })
  })

  test('a user prepares a directory of their own, and another user’s is refused', async () => {
    await chmod(directory, 0o1777)
    const path = join(directory, 'alice')
    expect(await asUser(ALICE, 'prepare', path)).toEqual({ value: null })
    expect(await lstat(path)).toMatchObject({ uid: ALICE })
    expect(await asUser(ALICE, 'inspect', path)).toEqual({ value: 'readable' })
    expect(await asUser(MALLORY, 'inspect', path)).toMatchObject({ code: 'JANUS_STATE_UNSAFE' })
  })
})

async function asUser(user: number, what: string, path: string): Promise<unknown> {
  const program = fileURLToPath(new URL('../fixtures/programs/as-user.ts', import.meta.url))
  const args = ['--import', 'tsx', program, what, path, String(user)]
  const { stdout } = await run(process.execPath, args)
  return JSON.parse(stdout)
}
