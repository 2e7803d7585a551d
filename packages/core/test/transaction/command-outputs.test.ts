import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Change } from '@janus/core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openLedger } from '../../src/ledger/index.js'
import { type RealFiles, realFiles, runScript, WHY, writeFile } from './real-files.js'

interface Recorded {
  readonly type: string
  readonly payload: Readonly<Record<string, unknown>>
}

let files: RealFiles

beforeEach(() => {
  files = realFiles()
})
afterEach(() => files.close())

describe('what somebody made of the output of a command of a transaction since', () => {
  const configuration = () => join(files.root, 'etc/grub.cfg')
  const generate = () => runScript(`echo ours > '${configuration()}'`, '/etc/grub.cfg')

  /** As another Janus would have written it, or one that died; its hand is gone. */
  async function rewriteJournal(edit: (records: readonly Recorded[]) => readonly Recorded[]): Promise<void> {
    const path = join(files.folder, 'state/journal.jsonl')
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
    await files.transactions.apply(await files.plan(writeFile('/etc/settings', 'on\n'), generate()))
    change()
    const theirs = files.everything().filter((line) => line.includes('grub.cfg'))
    const [preview] = await files.transactions.rollback({ dryRun: true })
    expect(preview?.steps.map(({ outcome }) => outcome)).toEqual(['conflict', 'planned'])
    const [report] = await files.transactions.rollback()
    expect(report).toMatchObject({ outcome: 'incomplete' })
    expect(report?.steps.map(({ outcome }) => outcome)).toEqual(['conflict', 'done'])
    expect(report?.steps[0]?.reason).toMatch(
      /^\/etc\/grub\.cfg should be sha256 \w+, mode 644.*, found (?:sha256 \w+, mode|nothing there).*make it anew.*\/bin\/sh -c/,
    )
    expect(files.everything().filter((line) => line.includes('grub.cfg'))).toEqual(theirs)
    expect(existsSync(join(files.root, 'etc/settings'))).toBe(false)
  })

  describe('is made anew by a command that can, once its sources are back', () => {
    const settings = () => join(files.root, 'etc/settings')
    const script = () => `cat '${settings()}' > '${configuration()}'`
    const regenerate = (): Change => ({ ...runScript(script(), '/etc/grub.cfg'), regenerates: true }) as Change

    it.each([
      ['rewritten', () => writeFileSync(configuration(), 'a newer kernel\n')],
      ['removed', () => rmSync(configuration())],
    ])('where it was %s', async (_, change) => {
      writeFileSync(settings(), 'off\n')
      writeFileSync(configuration(), 'off, by an older generator\n')
      await files.transactions.apply(await files.plan(writeFile('/etc/settings', 'on\n'), regenerate()))
      change()
      const [preview] = await files.transactions.rollback({ dryRun: true })
      expect(preview?.steps.map(({ outcome }) => outcome)).toEqual(['planned', 'left', 'planned'])
      const [report] = await files.transactions.rollback()
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
      await files.transactions.apply(await files.plan(writeFile('/etc/settings', 'on\n'), regenerate()))
      expect(await files.transactions.rollback()).toMatchObject([{ outcome: 'undone', steps: [{}, {}] }])
      expect(readFileSync(configuration(), 'utf8')).toBe('off, by an older generator\n')
    })

    it('with what its undo runs behind it', async () => {
      writeFileSync(settings(), 'off\n')
      writeFileSync(configuration(), 'off\n')
      const copy = runScript(`cat '${configuration()}' > '${join(files.root, 'etc/copy')}'`)
      const { undo: _, ...command } = copy
      const file = { kind: 'remove-file', path: '/etc/grub.cfg', ...WHY } as const
      const change = { ...regenerate(), undo: [file, command] } as Change
      await files.transactions.apply(await files.plan(writeFile('/etc/settings', 'on\n'), change))
      writeFileSync(configuration(), 'theirs\n')
      expect(await files.transactions.rollback()).toMatchObject([{ outcome: 'undone' }])
      expect(readFileSync(join(files.root, 'etc/copy'), 'utf8')).toBe('off\n')
    })

    it('and not where a source could not be put back: both are told, and a second rollback makes it anew', async () => {
      writeFileSync(settings(), 'off\n')
      await files.transactions.apply(await files.plan(writeFile('/etc/settings', 'on\n'), regenerate()))
      writeFileSync(configuration(), 'theirs\n')
      writeFileSync(settings(), 'also theirs\n')
      const [report] = await files.transactions.rollback()
      expect(report).toMatchObject({
        outcome: 'incomplete',
        steps: [{ outcome: 'conflict' }, { outcome: 'conflict' }],
      })
      expect(readFileSync(configuration(), 'utf8')).toBe('theirs\n')
      writeFileSync(settings(), 'on\n')
      expect(await files.transactions.rollback()).toMatchObject([{ outcome: 'undone' }])
      expect(readFileSync(configuration(), 'utf8')).toBe('off\n')
    })

    it('unless what it was for is gone: then it is left as it is', async () => {
      const kernel = join(files.root, 'etc/kernel')
      writeFileSync(settings(), 'off\n')
      writeFileSync(kernel, '')
      writeFileSync(configuration(), 'off\n')
      const unless = [{ kind: 'absent', path: '/etc/kernel' }] as const
      await files.transactions.apply(await files.plan(writeFile('/etc/settings', 'on\n'), { ...regenerate(), unless }))
      rmSync(kernel)
      rmSync(configuration())
      const [report] = await files.transactions.rollback()
      expect(report).toMatchObject({ outcome: 'undone' })
      expect(report?.steps.map(({ outcome }) => outcome)).toEqual(['done', 'left', 'unchanged'])
      expect(existsSync(configuration())).toBe(false)
    })

    it('and says so when the command fails', async () => {
      writeFileSync(settings(), 'off\n')
      await files.transactions.apply(await files.plan(writeFile('/etc/settings', 'on\n'), regenerate()))
      rmSync(configuration())
      mkdirSync(configuration())
      const [report] = await files.transactions.rollback()
      expect(report).toMatchObject({ outcome: 'incomplete' })
      expect(report?.steps.at(-1)).toMatchObject({ outcome: 'failed', change: { kind: 'run-command' } })
    })
  })

  it('is left where the command made the file', async () => {
    await files.transactions.apply(await files.plan(generate()))
    writeFileSync(configuration(), 'theirs\n')
    expect(await files.transactions.rollback()).toMatchObject([
      { outcome: 'incomplete', steps: [{ outcome: 'conflict' }] },
    ])
    expect(readFileSync(configuration(), 'utf8')).toBe('theirs\n')
  })

  it('does not matter where they put back what had been there', async () => {
    writeFileSync(configuration(), 'before\n')
    await files.transactions.apply(await files.plan(generate()))
    writeFileSync(configuration(), 'before\n')
    expect(await files.transactions.rollback()).toMatchObject([
      { outcome: 'undone', steps: [{ outcome: 'unchanged' }] },
    ])
  })

  it('is told from what a later command of the same transaction made of it', async () => {
    writeFileSync(configuration(), 'before\n')
    const more = { ...runScript(`echo more >> '${configuration()}'`, '/etc/grub.cfg'), undo: [] }
    await files.transactions.apply(await files.plan(generate(), more))
    expect(readFileSync(configuration(), 'utf8')).toBe('ours\nmore\n')
    expect(await files.transactions.rollback()).toMatchObject([{ outcome: 'undone' }])
    expect(readFileSync(configuration(), 'utf8')).toBe('before\n')
  })

  it('cannot be told in a journal that does not say what the command left, and is replaced as ever', async () => {
    writeFileSync(configuration(), 'before\n')
    await files.transactions.apply(await files.plan(generate()))
    writeFileSync(configuration(), 'theirs\n')
    await rewriteJournal((records) => records.map(({ type, payload: { left: _, ...payload } }) => ({ type, payload })))
    expect(await files.transactions.rollback()).toMatchObject([{ outcome: 'undone' }])
    expect(readFileSync(configuration(), 'utf8')).toBe('before\n')
  })

  it('cannot be told where a crash kept the end of the command from the journal: recovery puts the file back', async () => {
    writeFileSync(configuration(), 'before\n')
    await files.transactions.apply(await files.plan(generate()))
    await rewriteJournal((records) =>
      records.slice(
        0,
        records.findIndex(({ type }) => type === 'step-result'),
      ),
    )
    writeFileSync(configuration(), 'half of what the command wr')
    expect(await files.transactions.recover()).toMatchObject({ complete: true })
    expect(readFileSync(configuration(), 'utf8')).toBe('before\n')
  })

  it('is known of a command that failed, too: what it left itself is put back at once', async () => {
    writeFileSync(configuration(), 'before\n')
    const failing = runScript(`echo half > '${configuration()}'; exit 3`, '/etc/grub.cfg')
    await expect(files.transactions.apply(await files.plan(failing))).rejects.toMatchObject({
      code: 'JANUS_STEP_FAILED',
    })
    expect(readFileSync(configuration(), 'utf8')).toBe('before\n')
  })
})
