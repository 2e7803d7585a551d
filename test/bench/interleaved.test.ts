import { expect, test } from 'vitest'
import { interleaved, interleavedDurations } from '../../bench/measuring/interleaved.js'
import { median } from '../../bench/measuring/median.js'

test('contenders run in turn, round after round', async () => {
  const order: string[] = []
  const of = await interleaved({ one: async () => order.push('one'), other: async () => order.push('other') }, 2)
  expect(order).toEqual(['one', 'other', 'one', 'other'])
  expect(of('one')).toEqual([1, 3])
})

test('one that throws is out, the others go on, and whoever asks for it is told', async () => {
  let tries = 0
  const of = await interleaved(
    {
      broken: async () => {
        tries += 1
        throw new Error('broken')
      },
      good: async () => 'good',
    },
    3,
  )
  expect(tries).toBe(1)
  expect(of('good')).toEqual(['good', 'good', 'good'])
  expect(() => of('broken')).toThrow('broken')
})

test('a duration is asked for by name, and one of a contender that threw throws', async () => {
  const { shortest, median } = await interleavedDurations(
    {
      good: async () => 'an answer, not a duration',
      broken: async () => {
        throw new Error('broken')
      },
    },
    3,
  )
  expect(shortest('good')).toBeGreaterThanOrEqual(0)
  expect(median('good')).toBeGreaterThanOrEqual(shortest('good'))
  expect(() => shortest('broken')).toThrow('broken')
})

test('the median is in the middle of numbers, not of their digits', () => {
  expect(median([10, 9, 100])).toBe(10)
  expect(median([2, 1])).toBe(2)
  expect(median([])).toBeNaN()
})
