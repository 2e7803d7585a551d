import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createLiveHost } from '@janus/core'
import { afterAll, describe, expect, it } from 'vitest'
import type { Machine } from '../../src/contract/hand.js'
import { describeCondition, unmetConditions } from '../../src/transaction/conditions.js'

describe('the bytes of a file as a condition', () => {
  const folder = mkdtempSync(join(tmpdir(), 'janus-conditions-'))
  const path = join(folder, 'program')
  const machine: Machine = {
    host: createLiveHost(),
    query: () => Promise.reject(new Error('nothing is asked')),
    startHand: () => Promise.reject(new Error('nothing is touched')),
    isAlive: async () => false,
  }
  afterAll(() => rmSync(folder, { recursive: true }))

  it('holds for these bytes, and otherwise says what is there instead', async () => {
    const [before, after] = ['one', 'two'].map((text) => createHash('sha256').update(text).digest('hex'))
    const condition = { kind: 'sha256', path, value: before ?? '' } as const
    expect(await unmetConditions(machine, [condition])).toEqual([{ condition, found: 'it does not exist' }])
    writeFileSync(path, 'one')
    expect(await unmetConditions(machine, [condition])).toEqual([])
    writeFileSync(path, 'two')
    expect(await unmetConditions(machine, [condition])).toEqual([{ condition, found: `SHA-256 ${after}` }])
    expect(describeCondition(condition)).toBe(`${path} has SHA-256 ${before}`)
  })
})
