import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createPipeReaders, type OutputReader } from '@janus/core/sandbox'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { keepOutput } from '../../src/sandbox/keep-output.js'

/** A reader that gives these pieces, in one buffer again and again, and ends. */
function readerOf(pieces: readonly Uint8Array[]): OutputReader {
  const buffer = new Uint8Array(1024)
  return {
    take(onBytes) {
      for (const piece of pieces) {
        buffer.set(piece)
        onBytes(buffer.subarray(0, piece.length))
        buffer.fill(0)
      }
    },
    ended: Promise.resolve(),
    ref: () => undefined,
    unref: () => undefined,
    close: () => undefined,
  }
}

const ascii = fc.array(fc.integer({ min: 97, max: 122 }), { maxLength: 200 }).map((codes) => Uint8Array.from(codes))

describe('what is kept of an output', () => {
  test('is its head and its end, with the count and the digest of all of it', () => {
    fc.assert(
      fc.property(fc.array(ascii, { maxLength: 20 }), fc.integer({ min: 0, max: 500 }), (pieces, most) => {
        const all = Buffer.concat(pieces)
        let told = 0
        const keeper = keepOutput(readerOf(pieces), most, (bytes) => {
          told += bytes
        })
        const kept = keeper.kept()
        const head = all.subarray(0, Math.ceil(most / 2)).toString()
        const end = all.length <= most ? '' : all.subarray(all.length - Math.floor(most / 2)).toString()
        const whole = all.toString()
        expect(kept.text).toBe(all.length <= most ? whole : `${head}\n[${all.length - most} bytes left out]\n${end}`)
        expect(kept).toMatchObject({
          bytes: all.length,
          truncated: all.length > most,
          sha256: createHash('sha256').update(all).digest('hex'),
        })
        expect(told).toBe(all.length)
      }),
      { numRuns: 500 },
    )
  })

  test('attack 22: what is not UTF-8 becomes text all the same', () => {
    const kept = keepOutput(readerOf([Uint8Array.of(0xff, 0xfe, 0x41, 0xc3)]), 100, () => undefined).kept()
    expect(kept).toMatchObject({ text: '\ufffd\ufffdA\ufffd', bytes: 4, truncated: false })
  })

  test('is whole although this process stood still, for longer than it waits, when the program had ended', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'janus-pipe-'))
    try {
      const path = join(folder, 'pipe')
      execFileSync('/usr/bin/mkfifo', [path])
      const keeper = keepOutput(createPipeReaders().open(path), 1000, () => undefined)
      const drained = keeper.drained(20)
      execFileSync('/bin/sh', ['-c', 'printf whole >"$1"; sleep 0.1', 'sh', path])
      await drained
      expect(keeper.kept()).toMatchObject({ text: 'whole', bytes: 5 })
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})
