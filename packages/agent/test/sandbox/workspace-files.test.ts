import { execFileSync } from 'node:child_process'
import { lstat, mkdir, mkdtemp, readdir, readFile, rm, symlink, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readWorkspaceFile, removeOldWorkspaces } from '../../src/index.js'
import { type TestSandbox, testSandbox } from '../support/run-sandbox.js'

let opened: TestSandbox
let folder = ''
beforeAll(async () => {
  opened = await testSandbox()
  folder = await mkdtemp(join(tmpdir(), 'janus-files-'))
})
afterAll(async () => {
  await opened.close()
  await rm(folder, { recursive: true, force: true })
})

const refused = (why: RegExp) => ({ code: 'JANUS_USAGE', message: expect.stringMatching(why) })

describe('a workspace', () => {
  test('holds what a run was given and what it left, and is the agent\u2019s alone', async () => {
    const files = { 'in/data.txt': Buffer.from('given') }
    const { workspace } = await opened.shell('mkdir out; cat in/data.txt >out/copy; echo more >>out/copy', {
      files,
      id: 'kept',
    })
    expect(workspace).toBe(join(opened.root, 'kept'))
    const { mode, uid } = await lstat(workspace)
    expect([mode & 0o777, uid]).toEqual([0o700, process.geteuid?.()])
    expect(Buffer.from(await readWorkspaceFile(workspace, 'out/copy')).toString()).toBe('givenmore\n')
  })

  test('is there again for the next run that has its name', async () => {
    await opened.shell('echo one >file', { id: 'again' })
    const second = await opened.shell('cat file; echo two >file', { id: 'again' })
    expect(second.stdout.text).toBe('one\n')
    expect(await readFile(join(second.workspace, 'file'), 'utf8')).toBe('two\n')
    expect((await readdir(opened.root)).filter((name) => name.startsWith('again'))).toEqual(['again'])
  })

  test('is never used by two runs at a time, nor named by a path', async () => {
    const first = opened.shell('sleep 0.3', { id: 'taken' })
    await expect(opened.shell('true', { id: 'taken' })).rejects.toMatchObject(refused(/in use/))
    await first
    for (const id of ['../up', 'a/b', '', 'A', '.']) {
      await expect(opened.shell('true', { id })).rejects.toMatchObject({ code: 'JANUS_USAGE' })
    }
    await expect(opened.shell('true', { files: { '../up': Buffer.from('') } })).rejects.toMatchObject(refused(/inside/))
  })

  test('attack 6: links, pipes, devices and set-user-ID bits that a tool left are not kept', async () => {
    const script = `
      ln -s /etc/shadow out.txt; ln -s / root; mkfifo pipe; mkdir sub; ln -s ../../etc sub/up
      cp /bin/true setuid; chmod 4755 setuid; truncate -s 10M sparse; perl -MIO::Socket::UNIX -e 1; echo plain >plain`
    const end = await opened.shell(script, { id: 'hostile' })
    expect(end.summary).toContain('4 entries')
    expect((await readdir(end.workspace)).sort()).toEqual(['plain', 'setuid', 'sparse', 'sub'])
    expect((await lstat(join(end.workspace, 'setuid'))).mode & 0o7777).toBe(0o700)
    await expect(readWorkspaceFile(end.workspace, 'out.txt')).rejects.toMatchObject(refused(/not there/))
  })

  test('attack 6: a sparse file beyond the bound is left out, and so is what comes after too much', async () => {
    const end = await opened.shell('for n in 1 2 3; do truncate -s 10M $n; done; echo small >small', { id: 'sparse' })
    expect(await readdir(end.workspace)).toHaveLength(2)
    expect(end.summary).toContain('2 entries')
  })
})

describe('reading what a tool left', () => {
  beforeAll(async () => {
    await mkdir(join(folder, 'real'))
    await writeFile(join(folder, 'real', 'file'), 'real')
    await writeFile(join(folder, 'large'), Buffer.alloc(2000))
    await writeFile(join(folder, 'setuid'), 'x')
    execFileSync('chmod', ['4755', join(folder, 'setuid')])
    await symlink('/etc/passwd', join(folder, 'link'))
    await symlink('real', join(folder, 'directory-link'))
    execFileSync('mkfifo', [join(folder, 'pipe')])
  })

  test('gives a regular file', async () => {
    expect(Buffer.from(await readWorkspaceFile(folder, 'real/file')).toString()).toBe('real')
  })

  test.each([
    ['a link', 'link', /link/],
    ['a link to a directory on the way', 'directory-link/file', /link/],
    ['a pipe, without waiting for a writer', 'pipe', /regular/],
    ['a directory', 'real', /regular/],
    ['a set-user-ID file', 'setuid', /somebody else/],
    ['more than was asked for', 'large', /larger/],
    ['a path that leads out', '../etc/passwd', /leads out/],
    ['an absolute path', '/etc/passwd', /leads out/],
    ['a path through /proc', 'real/../../proc/self/environ', /leads out/],
    ['what is not there', 'missing/file', /not there/],
  ])('attack 6: refuses %s', async (_, path, why) => {
    await expect(readWorkspaceFile(folder, path, 1000)).rejects.toMatchObject(refused(why))
  })
})

describe('retention', () => {
  test('removes workspaces whose time is over, and no others', async () => {
    const root = join(folder, 'root')
    await mkdir(root)
    for (const name of ['old', 'young', 'kept', 'old.fresh', 'Foreign']) {
      await mkdir(join(root, name))
      await writeFile(join(root, name, 'file'), '')
      if (name !== 'young') await utimes(join(root, name), 1_000, 1_000)
    }
    const settings = { root, keptMilliseconds: 1_000_000 }
    const { removed, failed } = await removeOldWorkspaces(settings, Date.now(), (id) => id === 'kept')
    expect([[...removed].sort(), failed]).toEqual([['old', 'old.fresh'], []])
    expect((await readdir(root)).sort()).toEqual(['Foreign', 'kept', 'young'])
    expect(await removeOldWorkspaces({ root, keptMilliseconds: undefined }, Date.now(), () => false)).toEqual({
      removed: [],
      failed: [],
    })
  })
})
