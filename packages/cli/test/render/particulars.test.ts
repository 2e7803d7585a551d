import type { RunCommand, WriteFile } from '@janus/core'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { renderParticulars } from '../../src/render/change.js'
import { printedLine, textOfBytes } from '../../src/render/file-text.js'

const latin1 = (text: string): Uint8Array => Buffer.from(text, 'latin1')

describe('the bytes of a file as text', () => {
  it('are the text itself where they are UTF-8', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const whole = text.replaceAll('\0', '')
        expect(textOfBytes(Buffer.from(whole, 'utf8'))).toBe(Buffer.from(whole, 'utf8').toString('utf8'))
      }),
    )
  })

  it('differ where the bytes differ', () => {
    const bytes = fc.uint8Array({ min: 1, maxLength: 40 }).map((some) => Buffer.concat([some, Buffer.alloc(400, 0x61)]))
    fc.assert(
      fc.property(bytes, bytes, (one, other) => {
        const [text, another] = [textOfBytes(one), textOfBytes(other)]
        expect(text).toBeDefined()
        expect(text === another).toBe(one.equals(other))
      }),
    )
  })

  it('are none for what nobody would read', () => {
    expect(textOfBytes(latin1('a\0b'))).toBeUndefined()
    expect(textOfBytes(latin1('\xff\xfe\xfd'))).toBeUndefined()
  })

  it('are printed with an escape for each that is no UTF-8, and no other character lost', () => {
    const text = textOfBytes(
      Buffer.concat([Buffer.from('caf\u00e9 \u{1f600} '), latin1('\xe9\x1b[31m and some more text')]),
    )
    expect(printedLine(text ?? '').printable).toBe('caf\u00e9 \u{1f600} \\xe9\\x1b[31m and some more text')
  })
})

describe('a planned write of a file with a byte that is no UTF-8', () => {
  const before = latin1('title M\xfcller Linux\nlinux /vmlinuz\noptions quiet\n')
  const after = latin1('title M\xfcller Linux\nlinux /vmlinuz\noptions quiet iommu=pt\n')
  const change: WriteFile = {
    kind: 'write-file',
    path: '/boot/loader/entries/a.conf',
    content: { base64: Buffer.from(after).toString('base64') },
    mode: 0o644,
    why: 'a test',
    scope: 'persistent',
  }
  const shown = (present?: string) => renderParticulars(change, present).map(({ printable }) => printable)

  it('shows the difference, and nothing of base64', () => {
    expect(shown(textOfBytes(before))).toEqual([
      'changes',
      '  @@ line 1 @@\n    title M\\xfcller Linux\n    linux /vmlinuz\n  - options quiet\n  + options quiet iommu=pt',
    ])
  })

  it('shows the whole file where there was none', () => {
    expect(shown()).toEqual(['content', '  | title M\\xfcller Linux\n  | linux /vmlinuz\n  | options quiet iommu=pt'])
  })
})

describe('a planned command that regenerates its outputs', () => {
  it('says that an undo runs it again where somebody has rewritten them, and unless what', () => {
    const command: RunCommand = {
      kind: 'run-command',
      command: '/usr/sbin/update-initramfs',
      args: ['-u'],
      timeout: 1_000,
      outputs: ['/boot/image'],
      regenerates: true,
      unless: [{ kind: 'absent', path: '/lib/modules/6.1' }],
      why: 'a test',
      scope: 'persistent',
    }
    expect(renderParticulars(command).map(({ printable }) => printable)).toEqual([
      'deadline 1 s',
      'rewrites /boot/image',
      'again    at an undo, where somebody has rewritten its files since',
      '         unless /lib/modules/6.1 is absent',
    ])
  })
})
