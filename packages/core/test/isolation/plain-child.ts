import { spawn } from 'node:child_process'
import type { Readable } from 'node:stream'
import type { Snapshot } from '../../src/contract/snapshot.js'
import type { DiscoveredModule } from '../../src/modules/discovered-module.js'
import { NOBODY, SECRET } from './corpus-tree.js'

const CHANNEL = 9

/** What became of a module that nothing held. */
export interface PlainEnd {
  readonly exitCode: number | null
  /** First bytes of what came through the channel, and how many there were. */
  readonly channel: string
  readonly channelBytes: number
  readonly printedBytes: number
  /** True when it was still running after the patience. */
  readonly hung: boolean
}

/**
 * Runs the same child program with the same question and no sandbox at all, as the unprivileged user of the test. What a
 * module of the corpus is after must be within its reach here; otherwise the sandbox would be praised for nothing.
 */
export async function runPlainly(
  program: string,
  found: DiscoveredModule,
  snapshot: Snapshot,
  { action = 'check', patience = 20_000 }: { readonly action?: 'check' | 'apply'; readonly patience?: number } = {},
): Promise<PlainEnd> {
  const child = spawn(process.execPath, ['--no-addons', program, String(CHANNEL)], {
    cwd: '/',
    env: { PATH: '/usr/bin:/bin', [SECRET.name]: SECRET.value },
    stdio: Array.from({ length: CHANNEL + 1 }, (_, index) => (index < 3 || index === CHANNEL ? 'pipe' : 'ignore')),
    ...NOBODY,
  })
  const stream = (child.stdio as readonly unknown[])[CHANNEL] as Readable
  let channel = ''
  let channelBytes = 0
  let printedBytes = 0
  stream.on('data', (chunk: Buffer) => {
    channelBytes += chunk.length
    if (channel.length < 100_000) channel += chunk.toString('utf8')
  })
  stream.on('error', () => undefined)
  for (const output of [child.stdout, child.stderr])
    output?.on('data', (chunk: Buffer) => (printedBytes += chunk.length))
  child.stdin?.on('error', () => undefined)
  child.stdin?.end(JSON.stringify({ action, module: found, host: { description: 'a host', snapshot }, options: {} }))
  let hung = false
  const timer = setTimeout(() => {
    hung = true
    child.kill('SIGKILL')
  }, patience)
  const exitCode = await new Promise<number | null>((resolve) => {
    child.once('close', resolve)
  })
  clearTimeout(timer)
  return { exitCode, channel, channelBytes, printedBytes, hung }
}
