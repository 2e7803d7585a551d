import { type ChildProcess, spawn } from 'node:child_process'
import type { Readable } from 'node:stream'
import type { LabRecord } from './record.js'

export type QemuEnd = 'exited' | 'cut' | 'deadline' | 'died'

export interface QemuOutcome {
  readonly end: QemuEnd
  readonly exitCode: number | null
  readonly results: readonly LabRecord[]
  readonly console: string
  readonly seconds: number
}

export interface QemuWatch {
  readonly timeoutSeconds: number
  readonly killWhen?: (record: LabRecord) => boolean
  readonly onRecord?: (record: LabRecord) => void
}

/** Runs QEMU with the results channel on descriptor 3, and kills it as soon as it is not needed any more. */
export function runQemu(args: readonly string[], watch: QemuWatch): Promise<QemuOutcome> {
  const began = performance.now()
  const results: LabRecord[] = []
  let consoleText = ''
  let end: QemuEnd = 'died'
  let exitCode: number | null = null

  // setpriv: the kernel kills QEMU when the thread that started it is gone, however that happened.
  const child: ChildProcess = spawn('setpriv', ['--pdeathsig', 'KILL', 'qemu-system-x86_64', ...args], {
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  })
  const [, output, errors, channel] = child.stdio as unknown as [null, Readable, Readable, Readable]

  const finish = (reason: QemuEnd): void => {
    if (end === 'died') end = reason
    child.kill('SIGKILL')
  }
  const deadline = setTimeout(() => finish('deadline'), watch.timeoutSeconds * 1000)
  for (const stream of [output, errors]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      consoleText += text
    })
  }
  onLines(channel, (line) => {
    if (end !== 'died') return
    const record = parseRecord(line)
    results.push(record)
    watch.onRecord?.(record)
    if (record.type === 'exit') {
      exitCode = record.code
      // A guest with a hanging driver cannot power itself off, so nobody waits for it to.
      finish('exited')
    } else if (watch.killWhen?.(record)) finish('cut')
  })

  return new Promise((resolve, reject) => {
    child.once('error', (error) => {
      clearTimeout(deadline)
      reject(new Error('setpriv or qemu-system-x86_64 cannot be started', { cause: error }))
    })
    child.once('close', () => {
      clearTimeout(deadline)
      const seconds = (performance.now() - began) / 1000
      resolve({ end, exitCode, results, console: consoleText.replaceAll('\r', ''), seconds })
    })
  })
}

function onLines(stream: Readable, handle: (line: string) => void): void {
  let rest = ''
  stream.setEncoding('utf8')
  // The socket is reset, not ended, when QEMU is killed.
  stream.on('error', () => {})
  stream.on('data', (text: string) => {
    const lines = (rest + text).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) if (line.trim() !== '') handle(line)
  })
}

function parseRecord(line: string): LabRecord {
  try {
    return JSON.parse(line) as LabRecord
  } catch {
    return { type: 'check', title: 'the guest writes JSON lines', ok: false, detail: line.slice(0, 500) }
  }
}
