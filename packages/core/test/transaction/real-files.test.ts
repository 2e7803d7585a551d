import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import type { Change, Plan } from '@janus/core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { planDigest } from '../../src/plan/plan-digest.js'
import { readPlan } from '../../src/plan/read-plan.js'
import { type RealFiles, realFiles, runScript, WHY, writeFile } from './real-files.js'

let files: RealFiles

beforeEach(() => {
  files = realFiles()
})
afterEach(() => files.close())

describe('a transaction on real files', () => {
  it('puts every kind of file back exactly: bytes, modes, links as they were stored', async () => {
    writeFileSync(join(files.root, 'etc/grub'), Buffer.from([0, 255, 254, 10]))
    chmodSync(join(files.root, 'etc/grub'), 0o640)
    writeFileSync(join(files.root, 'etc/gone'), 'to be removed')
    symlinkSync('../etc/grub', join(files.root, 'etc/link'))
    symlinkSync('nowhere', join(files.root, 'etc/dangling'))
    const before = files.everything()
    const applied = await files.plan(
      writeFile('/etc/grub', 'new\n', 0o644),
      writeFile('/etc/new', 'made\n'),
      { kind: 'remove-file', path: '/etc/gone', ...WHY },
      { kind: 'write-link', path: '/etc/link', target: 'new', ...WHY },
      { kind: 'remove-file', path: '/etc/dangling', ...WHY },
      { kind: 'create-directory', path: '/etc/d', mode: 0o750, ...WHY },
      writeFile('/etc/d/file', 'inside\n'),
    )
    await files.transactions.apply(applied)
    expect(readFileSync(join(files.root, 'etc/link'), 'utf8')).toBe('made\n')
    expect(statSync(join(files.root, 'etc/d')).mode & 0o7777).toBe(0o750)
    expect(existsSync(join(files.root, 'etc/gone'))).toBe(false)
    expect(await files.transactions.rollback()).toMatchObject([{ outcome: 'undone' }])
    expect(files.everything()).toEqual(before)
  })

  it('never lays a link over a file: one that is there is refused in the plan, one that came since in the step', async () => {
    const lay: Change = { kind: 'write-link', path: '/etc/mine', target: 'other', ...WHY }
    const early = await files.plan(lay)
    writeFileSync(join(files.root, 'etc/mine'), 'kept')
    await expect(files.plan(lay)).rejects.toMatchObject({ code: 'JANUS_HOST_UNREADABLE' })
    await expect(files.transactions.apply(early)).rejects.toMatchObject({ code: 'JANUS_PLAN_STALE' })
    expect(readFileSync(join(files.root, 'etc/mine'), 'utf8')).toBe('kept')
  })

  it('leaves a file that somebody changed since, and says what it found', async () => {
    await files.transactions.apply(await files.plan(writeFile('/etc/a', 'ours\n'), writeFile('/etc/b', 'ours\n')))
    writeFileSync(join(files.root, 'etc/a'), 'theirs\n')
    const [report] = await files.transactions.rollback()
    expect(report).toMatchObject({ outcome: 'incomplete' })
    expect(report?.steps.find((step) => step.outcome === 'conflict')?.reason).toContain('/etc/a')
    expect(readFileSync(join(files.root, 'etc/a'), 'utf8')).toBe('theirs\n')
    expect(existsSync(join(files.root, 'etc/b'))).toBe(false)
  })

  it('keeps a directory into which somebody put a file', async () => {
    await files.transactions.apply(await files.plan({ kind: 'create-directory', path: '/etc/d', mode: 0o755, ...WHY }))
    writeFileSync(join(files.root, 'etc/d/theirs'), '')
    const [report] = await files.transactions.rollback()
    expect(report).toMatchObject({ outcome: 'undone', steps: [{ outcome: 'left', reason: 'it is not empty' }] })
    expect(existsSync(join(files.root, 'etc/d/theirs'))).toBe(true)
  })

  it('leaves what an undo takes away only when something holds, says what is in the way, and may be applied again', async () => {
    writeFileSync(join(files.root, 'etc/needed'), '')
    const onlyWhen = [{ kind: 'absent', path: '/etc/needed' }] as const
    const undo = [{ kind: 'remove-file', path: '/etc/a', onlyWhen, ...WHY }] as const
    const change = { ...writeFile('/etc/a', 'x'), undo } as Change
    await files.transactions.apply(await files.plan(change))
    const [kept] = await files.transactions.rollback()
    expect(kept).toMatchObject({ outcome: 'undone', steps: [{ outcome: 'left' }] })
    expect(kept?.steps[0]?.reason).toBe('only when /etc/needed does not exist; found: it exists')
    expect(existsSync(join(files.root, 'etc/a'))).toBe(true)
    rmSync(join(files.root, 'etc/needed'))
    await files.transactions.apply(await files.plan(change))
    await files.transactions.rollback()
    expect(existsSync(join(files.root, 'etc/a'))).toBe(false)
  })

  it('refuses to write through a directory link that leads out of the root', async () => {
    mkdirSync(join(files.folder, 'outside'))
    symlinkSync(join(files.folder, 'outside'), join(files.root, 'escape'))
    const made = await files.plan(writeFile('/etc/a', 'x'))
    const [change] = made.changes
    const forged = { ...made, changes: [{ ...change, path: '/escape/a' }] } as Plan
    const plausible = readPlan(JSON.parse(JSON.stringify({ ...forged, digest: planDigest(forged) })))
    await expect(files.transactions.apply(plausible)).rejects.toMatchObject({ code: 'JANUS_STEP_FAILED' })
    expect(readdirSync(join(files.folder, 'outside'))).toEqual([])
  })

  it('reports a directory of the root that is missing as a step that failed', async () => {
    const before = files.everything()
    await expect(
      files.transactions.apply(await files.plan(writeFile('/etc/a', 'x'), writeFile('/etc/absent/b', 'x'))),
    ).rejects.toMatchObject({
      code: 'JANUS_STEP_FAILED',
      message: expect.stringContaining('ENOENT'),
      data: { undo: { outcome: 'undone' } },
    })
    expect(files.everything()).toEqual(before)
  })

  it('puts the outputs of a command back, those it made and those it rewrote', async () => {
    writeFileSync(join(files.root, 'etc/rewritten'), 'before\n')
    const before = files.everything()
    const script = `echo after > '${files.root}/etc/rewritten'; echo made > '${files.root}/etc/made'`
    const command = runScript(script, '/etc/rewritten', '/etc/made')
    await files.transactions.apply(await files.plan(command))
    expect(readFileSync(join(files.root, 'etc/made'), 'utf8')).toBe('made\n')
    expect(await files.transactions.rollback()).toMatchObject([{ outcome: 'undone' }])
    expect(files.everything()).toEqual(before)
  })

  it('puts back an output that is larger than what is ever read at once', async () => {
    const path = join(files.root, 'etc/image')
    const bytes = Buffer.alloc(40 * 1024 * 1024)
    for (let at = 0; at < bytes.length; at += 4096) bytes.writeUInt32LE(at, at)
    writeFileSync(path, bytes)
    const command = runScript(`echo small > '${path}'`, '/etc/image')
    await files.transactions.apply(await files.plan(command))
    expect(readFileSync(path, 'utf8')).toBe('small\n')
    expect(await files.transactions.rollback()).toMatchObject([{ outcome: 'undone' }])
    expect(readFileSync(path).equals(bytes)).toBe(true)
  })

  it('begins nothing when the state directory cannot hold what would have to be saved', async () => {
    // A sparse file claims a size that no file system here has left.
    const path = join(files.root, 'etc/vast')
    writeFileSync(path, '')
    const command = runScript(`echo touched > '${files.root}/etc/touched'`, '/etc/vast')
    const made = await files.plan(command)
    truncateSync(path, 2 ** 43)
    const unfit = { ...made, facts: [] }
    await expect(files.transactions.apply(unfit)).rejects.toMatchObject({
      code: 'JANUS_STATE_WRITE_FAILED',
      message: expect.stringMatching(/needs 8388612\.0 MiB to save .*\/etc\/vast.* and has [\d.]+ MiB free/),
    })
    expect(existsSync(join(files.root, 'etc/touched'))).toBe(false)
  })

  it('does not run a command of another root without an executor for it', async () => {
    const bare = realFiles({ withExecutor: false })
    const command = runScript('touch /etc/x', '/etc/x')
    await expect(bare.transactions.apply(await bare.plan(command))).rejects.toMatchObject({
      message: expect.stringContaining('executor'),
    })
    await bare.close()
  })

  it('keeps extended attributes across a rewrite and its undo, where the file system has them', async () => {
    const path = join(files.root, 'etc/labelled')
    writeFileSync(path, 'before\n')
    const set = spawnSync('python3', ['-c', `import os; os.setxattr(${JSON.stringify(path)}, 'user.janus', b'kept')`])
    const read = (): string =>
      spawnSync('python3', ['-c', `import os; print(os.getxattr(${JSON.stringify(path)}, 'user.janus'))`], {
        encoding: 'utf8',
      }).stdout
    const supported = set.status === 0
    await files.transactions.apply(await files.plan(writeFile('/etc/labelled', 'after\n', 0o644)))
    if (supported) expect(read()).toContain('kept')
    await files.transactions.rollback()
    if (supported) expect(read()).toContain('kept')
    expect(readFileSync(path, 'utf8')).toBe('before\n')
  })
})
