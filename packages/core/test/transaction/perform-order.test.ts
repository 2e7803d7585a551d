import {
  chmodSync,
  existsSync,
  lchownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { HandOrder } from '../../src/contract/hand.js'
import { performOrder } from '../../src/transaction/perform-order.js'

const OTHER_USER = 65_534
const isRoot = process.getuid?.() === 0

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'janus-order-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const orderTo = (path: string) =>
  ({ kind: 'write-file', path, mode: 0o600, base64: Buffer.from('new').toString('base64') }) as const

describe('an order to write a file', () => {
  it('replaces the bytes and the mode and leaves nothing beside the file', async () => {
    const path = join(folder, 'file')
    writeFileSync(path, 'old and longer', { mode: 0o644 })
    expect(await performOrder(orderTo(path))).toEqual({ outcome: 'done' })
    expect(readFileSync(path, 'utf8')).toBe('new')
    expect(statSync(path).mode & 0o7777).toBe(0o600)
    expect(readdirSync(folder)).toEqual(['file'])
  })

  it('takes a name as long as a file system allows', async () => {
    const path = join(folder, 'ü'.repeat(127))
    expect(await performOrder(orderTo(path))).toEqual({ outcome: 'done' })
    expect(readFileSync(path, 'utf8')).toBe('new')
  })

  it('names the path of the order in its failure, not the way it was reached', async () => {
    const path = join(folder, 'absent/file')
    const answer = await performOrder(orderTo(path))
    expect(answer).toMatchObject({ outcome: 'failed', errno: 'ENOENT' })
    expect(answer.outcome === 'failed' && answer.message).toContain(join(folder, 'absent'))
    expect(JSON.stringify(answer)).not.toContain('/proc/self')
  })

  it('leaves open descriptors as they were', async () => {
    const open = (): number => readdirSync('/proc/self/fd').length
    const before = open()
    await performOrder(orderTo(join(folder, 'file')))
    await performOrder(orderTo(join(folder, 'absent/file')))
    expect(open()).toBe(before)
  })
})

/** Orders that change the entry `name` of a directory, each of which would succeed behind the link. */
function ordersIn(directory: string): readonly HandOrder[] {
  return [
    orderTo(join(directory, 'new')),
    { kind: 'write-link', path: join(directory, 'link'), target: 'x' },
    { kind: 'remove-file', path: join(directory, 'kept') },
    { kind: 'create-directory', path: join(directory, 'made'), mode: 0o700 },
    { kind: 'remove-directory', path: join(directory, 'empty') },
  ]
}

describe('the way to a file that is changed', () => {
  let home: string
  let elsewhere: string

  beforeEach(() => {
    home = join(folder, 'home')
    elsewhere = join(folder, 'elsewhere')
    for (const path of [home, elsewhere, join(elsewhere, 'empty')]) mkdirSync(path)
    writeFileSync(join(elsewhere, 'kept'), '')
  })

  async function expectRefusals(directory: string): Promise<void> {
    const before = readdirSync(elsewhere)
    for (const order of ordersIn(directory)) {
      const answer = await performOrder(order)
      expect(answer, order.kind).toMatchObject({ outcome: 'failed', errno: 'EUNSAFE' })
      expect(answer.outcome === 'failed' && answer.message).toContain(join(home, '.config'))
    }
    expect(readdirSync(elsewhere)).toEqual(before)
  }

  it.runIf(isRoot)('does not lead through a link that another user made', async () => {
    symlinkSync(elsewhere, join(home, '.config'))
    lchownSync(join(home, '.config'), OTHER_USER, OTHER_USER)
    await expectRefusals(join(home, '.config'))
  })

  it.runIf(isRoot)('does not lead through a link in a directory that belongs to another user', async () => {
    symlinkSync(elsewhere, join(home, '.config'))
    lchownSync(home, OTHER_USER, OTHER_USER)
    await expectRefusals(join(home, '.config'))
  })

  it('does not lead through a link in a directory that everybody may write', async () => {
    symlinkSync(elsewhere, join(home, '.config'))
    chmodSync(home, 0o777)
    await expectRefusals(join(home, '.config'))
  })

  it.runIf(isRoot)('does not lead through a trusted link and then a link of another user', async () => {
    mkdirSync(join(home, 'deep'))
    symlinkSync(elsewhere, join(home, '.config'))
    lchownSync(join(home, '.config'), OTHER_USER, OTHER_USER)
    symlinkSync('../.config', join(home, 'deep/ours'))
    await expectRefusals(join(home, 'deep/ours'))
  })

  it.runIf(isRoot)('leads through directories of another user, to the file that was named', async () => {
    lchownSync(home, OTHER_USER, OTHER_USER)
    expect(await performOrder(orderTo(join(home, 'file')))).toEqual({ outcome: 'done' })
    expect(readFileSync(join(home, 'file'), 'utf8')).toBe('new')
  })

  it.each(['../elsewhere', 'absolute'])('leads through a link of ours: %s', async (target) => {
    symlinkSync(target === 'absolute' ? elsewhere : target, join(home, '.config'))
    for (const order of ordersIn(join(home, '.config'))) {
      expect(await performOrder(order), order.kind).toEqual({ outcome: 'done' })
    }
    expect(readFileSync(join(elsewhere, 'new'), 'utf8')).toBe('new')
    expect(readlinkSync(join(elsewhere, 'link'))).toBe('x')
    expect(['kept', 'empty'].some((name) => existsSync(join(elsewhere, name)))).toBe(false)
    expect(statSync(join(elsewhere, 'made')).mode & 0o7777).toBe(0o700)
  })

  it('ends where links go round in a circle', async () => {
    symlinkSync('.config', join(home, '.config'))
    expect(await performOrder(orderTo(join(home, '.config/file')))).toMatchObject({
      outcome: 'failed',
      errno: 'ELOOP',
    })
  })
})
