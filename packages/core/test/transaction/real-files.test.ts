import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Change, Plan } from '@janus/core'
import { createLiveHost, createLocalExecutor } from '@janus/core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createQuery } from '../../src/host/index.js'
import { openLedger } from '../../src/ledger/index.js'
import { createPlan } from '../../src/plan/create-plan.js'
import { createLiveMachine, type LiveMachine } from '../../src/transaction/live-machine.js'
import { createTransactions, type Transactions } from '../../src/transaction/transactions.js'

const uid = process.getuid?.() ?? 0
const gid = process.getgid?.() ?? 0
interface Recorded {
  readonly type: string
  readonly payload: Readonly<Record<string, unknown>>
}

const DEADLINES = { order: 20_000, verify: 2_000, read: 5_000, hands: 5_000 }

describe('a transaction on real files', () => {
  let folder: string
  let root: string
  let machine: LiveMachine
  let transactions: Transactions

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'janus-files-'))
    root = join(folder, 'root')
    mkdirSync(join(root, 'etc'), { recursive: true })
    start()
  })
  afterEach(async () => {
    await machine.close()
    rmSync(folder, { recursive: true, force: true })
  })

  function start(withExecutor = true): void {
    machine = createLiveMachine({
      createHost: () => createLiveHost({ root }),
      createQuery: (host) => createQuery(host, { env: {} }),
      readDeadline: DEADLINES.read,
      ...(withExecutor ? { executor: createLocalExecutor() } : {}),
    })
    transactions = createTransactions({
      machine,
      stateDirectory: join(folder, 'state'),
      deadlines: DEADLINES,
      actor: { uid, user: 'test', argv: [] },
      janusVersion: '0.0.0',
      process: { pid: process.pid, startTime: '0' },
      emit: () => {},
    })
  }

  const plan = (...changes: readonly Change[]): Promise<Plan> =>
    createPlan({
      host: machine.host,
      module: { id: 'm', version: '0.0.0' },
      options: {},
      changes,
      by: 'test',
      now: new Date(0),
      owner: { uid, gid },
    })
  const why = { why: 'a reason', scope: 'persistent' } as const
  const write = (path: string, text: string, mode = 0o600): Change => ({
    kind: 'write-file',
    path,
    content: { text },
    mode,
    ...why,
  })

  /** Names, types, modes, owners and bytes of everything below the root. */
  function everything(path = root): readonly string[] {
    return readdirSync(path).flatMap((name) => {
      const child = join(path, name)
      const stat = lstatSync(child)
      const facts = `${child.slice(root.length)} ${stat.mode.toString(8)} ${stat.uid}:${stat.gid}`
      if (stat.isSymbolicLink()) return [`${facts} -> ${readlinkSync(child)}`]
      if (stat.isDirectory()) return [facts, ...everything(child)]
      return [`${facts} ${readFileSync(child).toString('hex')}`]
    })
  }

  it('puts every kind of file back exactly: bytes, modes, links as they were stored', async () => {
    writeFileSync(join(root, 'etc/grub'), Buffer.from([0, 255, 254, 10]))
    chmodSync(join(root, 'etc/grub'), 0o640)
    writeFileSync(join(root, 'etc/gone'), 'to be removed')
    symlinkSync('../etc/grub', join(root, 'etc/link'))
    symlinkSync('nowhere', join(root, 'etc/dangling'))
    const before = everything()
    const applied = await plan(
      write('/etc/grub', 'new\n', 0o644),
      write('/etc/new', 'made\n'),
      { kind: 'remove-file', path: '/etc/gone', ...why },
      { kind: 'write-link', path: '/etc/link', target: 'new', ...why },
      { kind: 'remove-file', path: '/etc/dangling', ...why },
      { kind: 'create-directory', path: '/etc/d', mode: 0o750, ...why },
      write('/etc/d/file', 'inside\n'),
    )
    await transactions.apply(applied)
    expect(readFileSync(join(root, 'etc/link'), 'utf8')).toBe('made\n')
    expect(statSync(join(root, 'etc/d')).mode & 0o7777).toBe(0o750)
    expect(existsSync(join(root, 'etc/gone'))).toBe(false)
    expect(await transactions.rollback()).toMatchObject([{ outcome: 'undone' }])
    expect(everything()).toEqual(before)
  })

  it('never lays a link over a file: one that is there is refused in the plan, one that came since in the step', async () => {
    const lay: Change = { kind: 'write-link', path: '/etc/mine', target: 'other', ...why }
    const early = await plan(lay)
    writeFileSync(join(root, 'etc/mine'), 'kept')
    await expect(plan(lay)).rejects.toMatchObject({ code: 'JANUS_HOST_UNREADABLE' })
    await expect(transactions.apply(early)).rejects.toMatchObject({ code: 'JANUS_PLAN_STALE' })
    expect(readFileSync(join(root, 'etc/mine'), 'utf8')).toBe('kept')
  })

  it('leaves a file that somebody changed since, and says what it found', async () => {
    await transactions.apply(await plan(write('/etc/a', 'ours\n'), write('/etc/b', 'ours\n')))
    writeFileSync(join(root, 'etc/a'), 'theirs\n')
    const [report] = await transactions.rollback()
    expect(report).toMatchObject({ outcome: 'incomplete' })
    expect(report?.steps.find((step) => step.outcome === 'conflict')?.reason).toContain('/etc/a')
    expect(readFileSync(join(root, 'etc/a'), 'utf8')).toBe('theirs\n')
    expect(existsSync(join(root, 'etc/b'))).toBe(false)
  })

  it('keeps a directory into which somebody put a file', async () => {
    await transactions.apply(await plan({ kind: 'create-directory', path: '/etc/d', mode: 0o755, ...why }))
    writeFileSync(join(root, 'etc/d/theirs'), '')
    const [report] = await transactions.rollback()
    expect(report).toMatchObject({ outcome: 'undone', steps: [{ outcome: 'left', reason: 'it is not empty' }] })
    expect(existsSync(join(root, 'etc/d/theirs'))).toBe(true)
  })

  it('leaves what an undo takes away only when something holds, says what is in the way, and may be applied again', async () => {
    writeFileSync(join(root, 'etc/needed'), '')
    const onlyWhen = [{ kind: 'absent', path: '/etc/needed' }] as const
    const undo = [{ kind: 'remove-file', path: '/etc/a', onlyWhen, ...why }] as const
    const change = { ...write('/etc/a', 'x'), undo } as Change
    await transactions.apply(await plan(change))
    const [kept] = await transactions.rollback()
    expect(kept).toMatchObject({ outcome: 'undone', steps: [{ outcome: 'left' }] })
    expect(kept?.steps[0]?.reason).toBe('only when /etc/needed does not exist; found: it exists')
    expect(existsSync(join(root, 'etc/a'))).toBe(true)
    rmSync(join(root, 'etc/needed'))
    await transactions.apply(await plan(change))
    await transactions.rollback()
    expect(existsSync(join(root, 'etc/a'))).toBe(false)
  })

  it('refuses to write through a directory link that leads out of the root', async () => {
    mkdirSync(join(folder, 'outside'))
    symlinkSync(join(folder, 'outside'), join(root, 'escape'))
    const made = await plan(write('/etc/a', 'x'))
    const [change] = made.changes
    const { readPlan } = await import('../../src/plan/read-plan.js')
    const { planDigest } = await import('../../src/plan/plan-digest.js')
    const forged = { ...made, changes: [{ ...change, path: '/escape/a' }] } as Plan
    const plausible = readPlan(JSON.parse(JSON.stringify({ ...forged, digest: planDigest(forged) })))
    await expect(transactions.apply(plausible)).rejects.toMatchObject({ code: 'JANUS_STEP_FAILED' })
    expect(readdirSync(join(folder, 'outside'))).toEqual([])
  })

  it('reports a directory of the root that is missing as a step that failed', async () => {
    const before = everything()
    await expect(
      transactions.apply(await plan(write('/etc/a', 'x'), write('/etc/absent/b', 'x'))),
    ).rejects.toMatchObject({
      code: 'JANUS_STEP_FAILED',
      message: expect.stringContaining('ENOENT'),
      data: { undo: { outcome: 'undone' } },
    })
    expect(everything()).toEqual(before)
  })

  it('puts the outputs of a command back, those it made and those it rewrote', async () => {
    writeFileSync(join(root, 'etc/rewritten'), 'before\n')
    const before = everything()
    const script = `echo after > '${root}/etc/rewritten'; echo made > '${root}/etc/made'`
    const command: Change = {
      kind: 'run-command',
      command: '/bin/sh',
      args: ['-c', script],
      timeout: 10_000,
      outputs: ['/etc/rewritten', '/etc/made'],
      ...why,
    }
    await transactions.apply(await plan(command))
    expect(readFileSync(join(root, 'etc/made'), 'utf8')).toBe('made\n')
    expect(await transactions.rollback()).toMatchObject([{ outcome: 'undone' }])
    expect(everything()).toEqual(before)
  })

  it('puts back an output that is larger than what is ever read at once', async () => {
    const path = join(root, 'etc/image')
    const bytes = Buffer.alloc(40 * 1024 * 1024)
    for (let at = 0; at < bytes.length; at += 4096) bytes.writeUInt32LE(at, at)
    writeFileSync(path, bytes)
    const command: Change = {
      kind: 'run-command',
      command: '/bin/sh',
      args: ['-c', `echo small > '${path}'`],
      timeout: 10_000,
      outputs: ['/etc/image'],
      ...why,
    }
    await transactions.apply(await plan(command))
    expect(readFileSync(path, 'utf8')).toBe('small\n')
    expect(await transactions.rollback()).toMatchObject([{ outcome: 'undone' }])
    expect(readFileSync(path).equals(bytes)).toBe(true)
  })

  const running = (script: string, ...outputs: readonly string[]): Change => ({
    kind: 'run-command',
    command: '/bin/sh',
    args: ['-c', script],
    timeout: 10_000,
    outputs,
    ...why,
  })

  describe('what somebody made of a command’s output since', () => {
    const configuration = () => join(root, 'etc/grub.cfg')
    const generate = () => running(`echo ours > '${configuration()}'`, '/etc/grub.cfg')

    /** As another Janus would have written it, or one that died; its hand is gone. */
    async function rewriteJournal(edit: (records: readonly Recorded[]) => readonly Recorded[]): Promise<void> {
      const path = join(folder, 'state/journal.jsonl')
      const records = readFileSync(path, 'utf8').trimEnd().split('\n')
      rmSync(path)
      const ledger = await openLedger({ path })
      for (const { type, payload } of edit(records.map((line) => JSON.parse(line) as Recorded)))
        if (type !== 'hand-started') await ledger.append(type, payload)
      await ledger.close()
    }

    it.each([
      ['rewritten', () => writeFileSync(configuration(), 'a newer kernel\n')],
      ['removed', () => rmSync(configuration())],
      ['given to others', () => chmodSync(configuration(), 0o600)],
    ])('is left by a rollback, with both values and a remedy: %s', async (_, change) => {
      writeFileSync(configuration(), 'before\n')
      chmodSync(configuration(), 0o644)
      await transactions.apply(await plan(write('/etc/settings', 'on\n'), generate()))
      change()
      const theirs = everything().filter((line) => line.includes('grub.cfg'))
      const [preview] = await transactions.rollback({ dryRun: true })
      expect(preview?.steps.map(({ outcome }) => outcome)).toEqual(['conflict', 'planned'])
      const [report] = await transactions.rollback()
      expect(report).toMatchObject({ outcome: 'incomplete' })
      expect(report?.steps.map(({ outcome }) => outcome)).toEqual(['conflict', 'done'])
      expect(report?.steps[0]?.reason).toMatch(
        /^\/etc\/grub\.cfg should be sha256 \w+, mode 644.*, found (?:sha256 \w+, mode|nothing there).*make it anew.*\/bin\/sh -c/,
      )
      expect(everything().filter((line) => line.includes('grub.cfg'))).toEqual(theirs)
      expect(existsSync(join(root, 'etc/settings'))).toBe(false)
    })

    describe('is made anew by a command that can, once its sources are back', () => {
      const settings = () => join(root, 'etc/settings')
      const script = () => `cat '${settings()}' > '${configuration()}'`
      const regenerate = (): Change => ({ ...running(script(), '/etc/grub.cfg'), regenerates: true }) as Change

      it.each([
        ['rewritten', () => writeFileSync(configuration(), 'a newer kernel\n')],
        ['removed', () => rmSync(configuration())],
      ])('where it was %s', async (_, change) => {
        writeFileSync(settings(), 'off\n')
        writeFileSync(configuration(), 'off, by an older generator\n')
        await transactions.apply(await plan(write('/etc/settings', 'on\n'), regenerate()))
        change()
        const [preview] = await transactions.rollback({ dryRun: true })
        expect(preview?.steps.map(({ outcome }) => outcome)).toEqual(['planned', 'left', 'planned'])
        const [report] = await transactions.rollback()
        expect(report).toMatchObject({ outcome: 'undone' })
        expect(report?.steps).toMatchObject([
          { outcome: 'done', change: { kind: 'write-file', path: '/etc/settings' } },
          { outcome: 'left', change: { path: '/etc/grub.cfg' }, reason: expect.stringContaining('made anew') },
          { outcome: 'done', step: 1, change: { kind: 'run-command', command: '/bin/sh' } },
        ])
        expect(readFileSync(configuration(), 'utf8')).toBe('off\n')
      })

      it('and is put back as it was where nobody touched it', async () => {
        writeFileSync(settings(), 'off\n')
        writeFileSync(configuration(), 'off, by an older generator\n')
        await transactions.apply(await plan(write('/etc/settings', 'on\n'), regenerate()))
        expect(await transactions.rollback()).toMatchObject([{ outcome: 'undone', steps: [{}, {}] }])
        expect(readFileSync(configuration(), 'utf8')).toBe('off, by an older generator\n')
      })

      it('with what its undo runs behind it', async () => {
        writeFileSync(settings(), 'off\n')
        writeFileSync(configuration(), 'off\n')
        const copy = running(`cat '${configuration()}' > '${join(root, 'etc/copy')}'`)
        const { undo: _, ...command } = copy
        const file = { kind: 'remove-file', path: '/etc/grub.cfg', ...why } as const
        const change = { ...regenerate(), undo: [file, command] } as Change
        await transactions.apply(await plan(write('/etc/settings', 'on\n'), change))
        writeFileSync(configuration(), 'theirs\n')
        expect(await transactions.rollback()).toMatchObject([{ outcome: 'undone' }])
        expect(readFileSync(join(root, 'etc/copy'), 'utf8')).toBe('off\n')
      })

      it('and not where a source could not be put back: both are told, and a second rollback makes it anew', async () => {
        writeFileSync(settings(), 'off\n')
        await transactions.apply(await plan(write('/etc/settings', 'on\n'), regenerate()))
        writeFileSync(configuration(), 'theirs\n')
        writeFileSync(settings(), 'also theirs\n')
        const [report] = await transactions.rollback()
        expect(report).toMatchObject({
          outcome: 'incomplete',
          steps: [{ outcome: 'conflict' }, { outcome: 'conflict' }],
        })
        expect(readFileSync(configuration(), 'utf8')).toBe('theirs\n')
        writeFileSync(settings(), 'on\n')
        expect(await transactions.rollback()).toMatchObject([{ outcome: 'undone' }])
        expect(readFileSync(configuration(), 'utf8')).toBe('off\n')
      })

      it('unless what it was for is gone: then it is left as it is', async () => {
        const kernel = join(root, 'etc/kernel')
        writeFileSync(settings(), 'off\n')
        writeFileSync(kernel, '')
        writeFileSync(configuration(), 'off\n')
        const unless = [{ kind: 'absent', path: '/etc/kernel' }] as const
        await transactions.apply(await plan(write('/etc/settings', 'on\n'), { ...regenerate(), unless }))
        rmSync(kernel)
        rmSync(configuration())
        const [report] = await transactions.rollback()
        expect(report).toMatchObject({ outcome: 'undone' })
        expect(report?.steps.map(({ outcome }) => outcome)).toEqual(['done', 'left', 'unchanged'])
        expect(existsSync(configuration())).toBe(false)
      })

      it('and says so when the command fails', async () => {
        writeFileSync(settings(), 'off\n')
        await transactions.apply(await plan(write('/etc/settings', 'on\n'), regenerate()))
        rmSync(configuration())
        mkdirSync(configuration())
        const [report] = await transactions.rollback()
        expect(report).toMatchObject({ outcome: 'incomplete' })
        expect(report?.steps.at(-1)).toMatchObject({ outcome: 'failed', change: { kind: 'run-command' } })
      })
    })

    it('is left where the command made the file', async () => {
      await transactions.apply(await plan(generate()))
      writeFileSync(configuration(), 'theirs\n')
      expect(await transactions.rollback()).toMatchObject([{ outcome: 'incomplete', steps: [{ outcome: 'conflict' }] }])
      expect(readFileSync(configuration(), 'utf8')).toBe('theirs\n')
    })

    it('does not matter where they put back what had been there', async () => {
      writeFileSync(configuration(), 'before\n')
      await transactions.apply(await plan(generate()))
      writeFileSync(configuration(), 'before\n')
      expect(await transactions.rollback()).toMatchObject([{ outcome: 'undone', steps: [{ outcome: 'unchanged' }] }])
    })

    it('is told from what a later command of the same transaction made of it', async () => {
      writeFileSync(configuration(), 'before\n')
      const more = { ...running(`echo more >> '${configuration()}'`, '/etc/grub.cfg'), undo: [] }
      await transactions.apply(await plan(generate(), more))
      expect(readFileSync(configuration(), 'utf8')).toBe('ours\nmore\n')
      expect(await transactions.rollback()).toMatchObject([{ outcome: 'undone' }])
      expect(readFileSync(configuration(), 'utf8')).toBe('before\n')
    })

    it('cannot be told in a journal that does not say what the command left, and is replaced as ever', async () => {
      writeFileSync(configuration(), 'before\n')
      await transactions.apply(await plan(generate()))
      writeFileSync(configuration(), 'theirs\n')
      await rewriteJournal((records) =>
        records.map(({ type, payload: { left: _, ...payload } }) => ({ type, payload })),
      )
      expect(await transactions.rollback()).toMatchObject([{ outcome: 'undone' }])
      expect(readFileSync(configuration(), 'utf8')).toBe('before\n')
    })

    it('cannot be told where a crash kept the end of the command from the journal: recovery puts the file back', async () => {
      writeFileSync(configuration(), 'before\n')
      await transactions.apply(await plan(generate()))
      await rewriteJournal((records) =>
        records.slice(
          0,
          records.findIndex(({ type }) => type === 'step-result'),
        ),
      )
      writeFileSync(configuration(), 'half of what the command wr')
      expect(await transactions.recover()).toMatchObject({ complete: true })
      expect(readFileSync(configuration(), 'utf8')).toBe('before\n')
    })

    it('is known of a command that failed, too: what it left itself is put back at once', async () => {
      writeFileSync(configuration(), 'before\n')
      const failing = running(`echo half > '${configuration()}'; exit 3`, '/etc/grub.cfg')
      await expect(transactions.apply(await plan(failing))).rejects.toMatchObject({ code: 'JANUS_STEP_FAILED' })
      expect(readFileSync(configuration(), 'utf8')).toBe('before\n')
    })
  })

  it('begins nothing when the state directory cannot hold what would have to be saved', async () => {
    // A sparse file claims a size that no file system here has left.
    const path = join(root, 'etc/vast')
    writeFileSync(path, '')
    const command: Change = {
      kind: 'run-command',
      command: '/bin/sh',
      args: ['-c', `echo touched > '${root}/etc/touched'`],
      timeout: 10_000,
      outputs: ['/etc/vast'],
      ...why,
    }
    const made = await plan(command)
    truncateSync(path, 2 ** 43)
    const unfit = { ...made, facts: [] }
    await expect(transactions.apply(unfit)).rejects.toMatchObject({
      code: 'JANUS_STATE_WRITE_FAILED',
      message: expect.stringMatching(/needs 8388612\.0 MiB to save .*\/etc\/vast.* and has [\d.]+ MiB free/),
    })
    expect(existsSync(join(root, 'etc/touched'))).toBe(false)
  })

  it('does not run a command of another root without an executor for it', async () => {
    await machine.close()
    start(false)
    const command: Change = {
      kind: 'run-command',
      command: '/bin/sh',
      args: ['-c', 'touch /etc/x'],
      timeout: 10_000,
      outputs: ['/etc/x'],
      ...why,
    }
    await expect(transactions.apply(await plan(command))).rejects.toMatchObject({
      message: expect.stringContaining('executor'),
    })
  })

  it('keeps extended attributes across a rewrite and its undo, where the file system has them', async () => {
    const path = join(root, 'etc/labelled')
    writeFileSync(path, 'before\n')
    const set = spawnSync('python3', ['-c', `import os; os.setxattr(${JSON.stringify(path)}, 'user.janus', b'kept')`])
    const read = (): string =>
      spawnSync('python3', ['-c', `import os; print(os.getxattr(${JSON.stringify(path)}, 'user.janus'))`], {
        encoding: 'utf8',
      }).stdout
    const supported = set.status === 0
    await transactions.apply(await plan(write('/etc/labelled', 'after\n', 0o644)))
    if (supported) expect(read()).toContain('kept')
    await transactions.rollback()
    if (supported) expect(read()).toContain('kept')
    expect(readFileSync(path, 'utf8')).toBe('before\n')
  })
})
