import { access } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { type BenchSubject, defineBenchSubject } from '../../bench/report/bench-subject.js'
import { type BenchRun, measureSubjects } from '../../bench/report/measure-subjects.js'
import { wantedRows } from '../../bench/report/wanted-rows.js'

const good = defineBenchSubject({
  id: 'good',
  title: 'Good',
  rows: { one: { what: 'one', unit: 'ms' }, two: { what: 'two', unit: 'ms' } },
  async measure() {
    return { one: () => ({ value: 1 }), two: () => ({ value: 2 }) }
  },
})
const halfBroken = defineBenchSubject({
  ...good,
  id: 'half',
  async measure() {
    return {
      one: () => {
        throw new Error('one is broken')
      },
      two: () => ({ value: 2 }),
    }
  },
})
const broken = defineBenchSubject({
  ...good,
  id: 'broken',
  async measure() {
    throw new Error('nothing can be measured')
  },
})

describe('measuring', () => {
  test('a row that fails loses no other: not of its subject, not of the next ones', async () => {
    expect(verdicts(await measured([broken, halfBroken, good]))).toEqual({
      'broken.one': 'nothing can be measured',
      'broken.two': 'nothing can be measured',
      'half.one': 'one is broken',
      'half.two': 2,
      'good.one': 1,
      'good.two': 2,
    })
  })

  test('a subject that cannot be measured here is skipped, and is not tried', async () => {
    const rows = await measured([{ ...broken, unavailable: async () => 'there is no bubblewrap' }])
    expect(rows.map((row) => [row.verdict, 'because' in row && row.because])).toEqual([
      ['skipped', 'there is no bubblewrap'],
      ['skipped', 'there is no bubblewrap'],
    ])
  })

  test('a row that its subject forgot has failed', async () => {
    const forgetful: BenchSubject = { ...good, measure: async () => ({ one: () => ({ value: 1 }) }) }
    expect(verdicts(await measured([forgetful]))).toEqual({
      'good.one': 1,
      'good.two': 'its subject did not measure it',
    })
  })

  test('only subjects with a wanted row are measured, and only wanted rows are given', async () => {
    const began: string[] = []
    const rows = await measured([broken, good], {
      wants: wantedRows(['good.t*o']),
      began: ({ id }, index) => began.push(`${index} ${id}`),
    })
    expect(verdicts(rows)).toEqual({ 'good.two': 2 })
    expect(began).toEqual(['0 good'])
  })

  test('after each subject the rows so far are told', async () => {
    const told: number[] = []
    await measured([good, broken], { ended: async (rows) => void told.push(rows.length) })
    expect(told).toEqual([2, 4])
  })

  test('each subject has a folder of its own with an empty home, which is gone afterwards', async () => {
    const folders: string[] = []
    const writing: BenchSubject = {
      ...good,
      async measure({ folder, env }) {
        await access(env.HOME ?? '')
        folders.push(folder)
        return good.measure({ folder, env, quick: true, lab: false })
      },
    }
    const rows = await measured([writing, { ...writing, id: 'other' }])
    expect(rows.every(({ verdict }) => verdict === null)).toBe(true)
    expect(new Set(folders).size).toBe(2)
    for (const folder of folders) await expect(access(folder)).rejects.toThrow('ENOENT')
  })
})

describe('asking for rows', () => {
  test.each([
    [[], true],
    [['start-up'], true],
    [['up.check'], true],
    [['start*wall'], true],
    [['nothing', 'wall'], true],
    [['start.up'], false],
    [['wall*start'], false],
    [['('], false],
  ])('%j wants start-up.check.wall: %s', (patterns, wanted) => {
    expect(wantedRows(patterns)('start-up.check.wall')).toBe(wanted)
  })
})

function measured(subjects: readonly BenchSubject[], run: Partial<BenchRun> = {}) {
  return measureSubjects(subjects, { quick: true, lab: false, wants: () => true, ...run })
}

function verdicts(rows: Awaited<ReturnType<typeof measured>>): Readonly<Record<string, number | string>> {
  return Object.fromEntries(rows.map((row) => [row.id, 'because' in row ? row.because : row.value]))
}
