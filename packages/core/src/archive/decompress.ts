import { spawn } from 'node:child_process'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import { ADMINISTRATOR_PATH } from '../transaction/administrator-path.js'

/** How the main archive of an initramfs may be packed: the formats that the kernel unpacks (usr/Kconfig). */
export type Compression = 'gzip' | 'zstd' | 'xz' | 'lz4' | 'lzop' | 'lzma' | 'bzip2'

const MAGIC: readonly (readonly [Compression, string])[] = [
  ['gzip', '1f8b'],
  ['zstd', '28b52ffd'],
  ['xz', 'fd377a585a00'],
  ['lz4', '02214c18'],
  ['lz4', '04224d18'],
  ['lzop', '894c5a4f'],
  ['lzma', '5d0000'],
  ['bzip2', '425a68'],
]

const COMMANDS: Readonly<Record<Exclude<Compression, 'gzip'>, readonly [command: string, ...args: string[]]>> = {
  zstd: ['zstd', '-dcq'],
  xz: ['xz', '-dc'],
  lz4: ['lz4', '-dcq'],
  lzop: ['lzop', '-dcq'],
  lzma: ['xz', '--format=lzma', '-dc'],
  bzip2: ['bzip2', '-dc'],
}

/** By what the first bytes are packed, if that is known. */
export function compressionOf(head: Uint8Array): Compression | undefined {
  const hex = Buffer.from(head.subarray(0, 8)).toString('hex')
  return MAGIC.find(([, magic]) => hex.startsWith(magic))?.[0]
}

/**
 * Unpacks a stream: gzip in this process, everything else by the host's own program for it, which is found in the
 * administrator's directories, gets no environment, no arguments from outside and no file: only bytes on its input.
 * @throws when the program is missing, or says that the bytes are damaged
 */
export async function* decompressed(
  compression: Compression,
  pieces: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void, undefined> {
  if (compression === 'gzip') {
    const gunzip = createGunzip()
    const feeding = pipeline(Readable.from(pieces, { objectMode: false }), gunzip).catch(() => undefined)
    try {
      yield* gunzip as AsyncIterable<Buffer>
    } finally {
      gunzip.destroy()
      await feeding
    }
    return
  }
  const [command, ...args] = COMMANDS[compression]
  const child = spawn(command, args, {
    env: { PATH: ADMINISTRATOR_PATH, LANG: 'C' },
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  const ended = new Promise<string | undefined>((resolve) => {
    child.once('error', (error: NodeJS.ErrnoException) => resolve(`${command} cannot be started: ${error.code}`))
    child.once('close', (code) => resolve(code === 0 ? undefined : `${command} ended with exit code ${code}`))
  })
  // Whoever has found what it looked for stops reading, and then nobody takes the rest of the input.
  const feeding = pipeline(Readable.from(pieces, { objectMode: false }), child.stdin).catch(() => undefined)
  try {
    yield* child.stdout as AsyncIterable<Buffer>
    await feeding
    const problem = await ended
    if (problem !== undefined) throw new Error(problem)
  } finally {
    child.kill('SIGKILL')
    await feeding
  }
}
