import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { createSystemClock, readBootId } from '../../src/index.js'

test('the clock of the machine only ever grows, and counts since the boot', async () => {
  const clock = createSystemClock()
  const uptime = Number((await readFile('/proc/uptime', 'utf8')).split(' ')[0]) * 1000
  const times = Array.from({ length: 1000 }, () => clock.monotonic())
  expect(times).toEqual([...times].sort((one, other) => one - other))
  expect(times[0]).toBeGreaterThanOrEqual(uptime)
})

test('where the kernel does not tell the time since the boot, it still only grows', () => {
  const clock = createSystemClock('/nowhere')
  const first = clock.monotonic()
  expect(clock.monotonic()).toBeGreaterThanOrEqual(first)
})

test('a boot has an id, or none where the kernel does not tell', () => {
  expect(readBootId()).toMatch(/^[0-9a-f-]{36}$/)
  expect(readBootId('/nowhere')).toBeNull()
})
