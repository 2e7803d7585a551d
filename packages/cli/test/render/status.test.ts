import type { DriftEntry } from '@janus/core'
import { expect, test } from 'vitest'
import { createPalette } from '../../src/render/palette.js'
import { renderStatus } from '../../src/render/status.js'
import * as reports from '../fixtures/reports.js'

function shown(entry: Partial<DriftEntry>): string {
  const [drifted] = reports.status.drift
  const report = { ...reports.status, drift: [{ ...drifted, ...entry }] } as typeof reports.status
  return renderStatus(createPalette(false), report).printable
}

test('what cannot be known says why', () => {
  const found = 'it cannot be known: no cpio archive'
  const printed = shown({ state: 'unreadable', path: '/boot/initrd.img', expected: 'it has the member conf', found })
  expect(printed).toContain(`  unreadable     /boot/initrd.img: it has the member conf; ${found}\n`)
})

test('what holds says no more than that', () => {
  expect(shown({ state: 'holds', path: '/a', expected: '/a is "1"' })).toContain('  holds          /a: /a is "1"\n')
})
