import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { performOrder } from '../../src/transaction/perform-order.js'

describe('an order to write a file', () => {
  let folder: string
  const orderTo = (path: string) =>
    ({ kind: 'write-file', path, mode: 0o600, base64: Buffer.from('new').toString('base64') }) as const

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'janus-order-'))
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  it('replaces the bytes and the mode and leaves nothing beside the file', () => {
    const path = join(folder, 'file')
    writeFileSync(path, 'old and longer', { mode: 0o644 })
    expect(performOrder(orderTo(path))).toEqual({ outcome: 'done' })
    expect(readFileSync(path, 'utf8')).toBe('new')
    expect(statSync(path).mode & 0o7777).toBe(0o600)
    expect(readdirSync(folder)).toEqual(['file'])
  })

  it('takes a name as long as a file system allows', () => {
    const path = join(folder, 'ü'.repeat(127))
    expect(performOrder(orderTo(path))).toEqual({ outcome: 'done' })
    expect(readFileSync(path, 'utf8')).toBe('new')
  })
})
