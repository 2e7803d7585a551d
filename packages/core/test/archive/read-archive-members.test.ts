import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { cpio } from '../../../../lab/machine/cpio.js'
import { readArchiveMembers } from '../../src/archive/read-archive-members.js'

const hook = Buffer.from('#!/bin/sh\necho early\n')
const digest = createHash('sha256').update(hook).digest('hex')
const main = cpio([
  { name: 'scripts/', mode: 0o755 },
  { name: 'scripts/large', mode: 0o644, content: Buffer.alloc(300_001, 7) },
  { name: 'scripts/hook', mode: 0o755, content: hook },
])
const microcode = Buffer.concat([
  cpio([{ name: 'kernel/x86/microcode.bin', mode: 0o644, content: Buffer.from('m') }]),
  Buffer.alloc(512),
])

describe('members of an initramfs', () => {
  it('are found in a plain archive, by name and digest', async () => {
    expect(await look(main)).toEqual({ found: new Map([['scripts/hook', digest]]) })
  })

  it('are found behind the archive with microcode, in the compressed one', async () => {
    expect(await look(Buffer.concat([microcode, gzipSync(main)]))).toEqual({
      found: new Map([['scripts/hook', digest]]),
    })
  })

  it.each([
    ['zstd', ['-qc']],
    ['xz', ['-c', '--check=crc32']],
  ])('are found in one that %s packed, by the host its own program', async (program, args) => {
    const packed = execFileSync(program, args, { input: main })
    expect((await look(packed)).found.get('scripts/hook')).toBe(digest)
  })

  it('are the same whether a name begins with a dot or not', async () => {
    const dotted = cpio([{ name: './scripts/hook', mode: 0o755, content: hook }])
    expect((await look(dotted)).found.get('scripts/hook')).toBe(digest)
  })

  it('that are not there are not found, and that is no problem', async () => {
    expect(await readArchiveMembers(pieces(gzipSync(main), 999), ['scripts/other'])).toEqual({ found: new Map() })
  })

  it.each([
    ['cut off', main.subarray(0, main.length - 600)],
    ['cut off in the compressed part', gzipSync(main).subarray(0, 400)],
    ['of no format that is known', Buffer.from('not an image at all')],
    ['with a header that is none', Buffer.concat([main.subarray(0, 124), Buffer.alloc(200, 0x41)])],
  ])('cannot be known of an image that is %s', async (_, image) => {
    const { found, problem } = await readArchiveMembers(pieces(image), ['scripts/none'])
    expect([found.size, typeof problem]).toEqual([0, 'string'])
  })
})

function look(image: Buffer) {
  return readArchiveMembers(pieces(image), ['scripts/hook'])
}

async function* pieces(bytes: Buffer, size = 1000): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}
