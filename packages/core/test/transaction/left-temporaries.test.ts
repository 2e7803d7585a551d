import { chmodSync, existsSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import type { Change } from '@janus/core'
import { createLocalExecutor } from '@janus/core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openLedger } from '../../src/ledger/index.js'
import { temporaryName } from '../../src/transaction/temporary-name.js'
import { createTestRoot, type TestRoot } from '../boot/fixtures/root.js'

interface Recorded {
  readonly type: string
  readonly payload: Readonly<Record<string, unknown>>
}

const common = { why: 'a reason', scope: 'persistent' } as const
const write = (path: string): Change => ({
  kind: 'write-file',
  path,
  content: { text: 'ours\n' },
  mode: 0o644,
  ...common,
})

describe('what a hand that was cut off had not yet put in its place', () => {
  let test: TestRoot
  beforeEach(() => {
    test = createTestRoot({ '/etc/rewritten': 'before\n' }, createLocalExecutor())
    chmodSync(join(test.root, 'etc/rewritten'), 0o644)
  })
  afterEach(() => test.close())

  /** The journal ends with the last record of this type, as if the power had gone then. */
  async function cutAfterLast(type: string): Promise<void> {
    const path = join(test.root, '../state/journal.jsonl')
    const records = readFileSync(path, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Recorded)
    rmSync(path)
    const ledger = await openLedger({ path })
    const end = records.findLastIndex((record) => record.type === type) + 1
    for (const { type, payload } of records.slice(0, end)) {
      if (type !== 'hand-started') await ledger.append(type, payload)
    }
    await ledger.close()
  }
  const leave = (directory: string, name: string): string => {
    const path = `${directory}/${temporaryName(name)}`
    test.write(path, 'half of wh')
    return path
  }

  it('is removed by recovery, and so are the directories made for it', async () => {
    const before = test.everything()
    const directory: Change = { kind: 'create-directory', path: '/etc/d', mode: 0o755, ...common }
    await test.transactions.apply(await test.plan([directory, write('/etc/d/new')]))
    await cutAfterLast('step-intent')
    rmSync(join(test.root, 'etc/d/new'))
    const path = leave('/etc/d', 'new')
    expect(await test.transactions.recover({ dryRun: true })).toMatchObject({
      transactions: [{ steps: [{ outcome: 'planned', change: { kind: 'remove-file', path } }, {}, {}] }],
    })
    expect(existsSync(join(test.root, path))).toBe(true)
    expect(await test.transactions.recover()).toMatchObject({ complete: true, transactions: [{ outcome: 'undone' }] })
    expect(test.everything()).toEqual(before)
  })

  it('is removed where a rollback was cut off', async () => {
    const before = test.everything()
    await test.transactions.apply(await test.plan([write('/etc/rewritten')]))
    await test.transactions.rollback()
    await cutAfterLast('undo-intent')
    test.write('/etc/rewritten', 'ours\n')
    leave('/etc', 'rewritten')
    expect(await test.transactions.recover()).toMatchObject({ complete: true })
    expect(test.everything()).toEqual(before)
  })

  it('may be a link', async () => {
    const before = test.everything()
    const link: Change = { kind: 'write-link', path: '/etc/link', target: 'rewritten', ...common }
    await test.transactions.apply(await test.plan([link]))
    await cutAfterLast('step-intent')
    rmSync(join(test.root, 'etc/link'))
    symlinkSync('rewritten', join(test.root, 'etc', temporaryName('link')))
    expect(await test.transactions.recover()).toMatchObject({ complete: true })
    expect(test.everything()).toEqual(before)
  })

  it('may have a name that is cut to what a file system allows', async () => {
    const name = 'n'.repeat(200)
    const before = test.everything()
    await test.transactions.apply(await test.plan([write(`/etc/${name}`)]))
    await cutAfterLast('step-intent')
    rmSync(join(test.root, 'etc', name))
    leave('/etc', name)
    expect(await test.transactions.recover()).toMatchObject({ complete: true })
    expect(test.everything()).toEqual(before)
  })

  it('is told from what others call by a name like it, and looked for beside no other file', async () => {
    await test.transactions.apply(await test.plan([write('/etc/done'), write('/etc/new')]))
    await cutAfterLast('step-intent')
    test.write('/etc/.new.janus-notes', 'theirs\n')
    test.write('/etc/.new.janus-0123456789abcdef.bak', 'theirs\n')
    const other = leave('/etc', 'done')
    expect(await test.transactions.recover()).toMatchObject({ complete: true })
    expect(test.everything().map((line) => line.split(' ')[0])).toEqual(
      expect.arrayContaining(['/etc/.new.janus-notes', '/etc/.new.janus-0123456789abcdef.bak', other]),
    )
    expect(existsSync(join(test.root, 'etc/new'))).toBe(false)
  })
})
