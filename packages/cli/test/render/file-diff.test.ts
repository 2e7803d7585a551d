import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { renderDiff } from '../../src/render/file-diff.js'

const shown = (before: string, after: string): readonly string[] => renderDiff(before, after).printable.split('\n')

describe('what a write changes of a file', () => {
  it('is shown as lines taken away and written, with two lines around', () => {
    const before = 'a\nb\nc\nd\nGRUB="quiet"\ne\nf\ng\n'
    expect(shown(before, before.replace('quiet', 'quiet intel_iommu=on'))).toEqual([
      '@@ line 3 @@',
      '  c',
      '  d',
      '- GRUB="quiet"',
      '+ GRUB="quiet intel_iommu=on"',
      '  e',
      '  f',
    ])
  })

  it('shows places that lie apart by themselves', () => {
    const before = Array.from({ length: 12 }, (_, index) => `${index}\n`).join('')
    const after = before.replace('0\n', 'x\n').replace('10\n', '').replace('11\n', '11\ny\n')
    expect(shown(before, after).filter((line) => line.startsWith('@@'))).toHaveLength(2)
  })

  it('shows a line end that goes or comes', () => {
    expect(shown('a', 'a\n')).toEqual(['@@ line 1 @@', '- a', '\\ no line end', '+ a'])
  })

  it('escapes what would move the cursor', () => {
    expect(shown('a\n', '\u001b[2Jb\n').join('')).not.toContain('\u001b')
  })

  it('is bounded, and says so', () => {
    const many = Array.from({ length: 5_000 }, (_, index) => `${index}\n`).join('')
    const lines = shown('x\n', many)
    expect(lines.length).toBeLessThanOrEqual(401)
    expect(lines.at(-1)).toMatch(/more lines, which --json shows/)
  })

  it('holds every line that was taken away or written', () => {
    const lines = fc
      .array(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 12 })
      .map((all) => all.map((one) => `${one}\n`).join(''))
    fc.assert(
      fc.property(lines, lines, (before, after) => {
        fc.pre(before !== after)
        const count = (sign: string) => shown(before, after).filter((line) => line.startsWith(`${sign} `)).length
        expect(count('+') - count('-')).toBe(after.split('\n').length - before.split('\n').length)
      }),
    )
  })
})
