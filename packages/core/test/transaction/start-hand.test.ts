import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Hand, HandOrder } from '@janus/core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { isProcessAlive } from '../../src/state/index.js'
import { startHand } from '../../src/transaction/start-hand.js'

const DEADLINE = 10_000
const SHORT = 200

describe('the hand', () => {
  let folder: string
  let hand: Hand

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'janus-hand-'))
    hand = await startHand()
  })
  afterEach(async () => {
    await hand.end()
    rmSync(folder, { recursive: true, force: true })
  })

  const inFolder = (name: string): string => join(folder, name)
  const writeAttribute = (path: string, value: string): HandOrder => ({ kind: 'write-attribute', path, value })

  it('writes an attribute without creating or truncating it', async () => {
    writeFileSync(inFolder('attribute'), 'longer than the value')
    expect(await hand.perform(writeAttribute(inFolder('attribute'), 'vfio'), DEADLINE)).toEqual({ outcome: 'done' })
    expect(readFileSync(inFolder('attribute'), 'utf8')).toBe('vfioer than the value')
    const answer = await hand.perform(writeAttribute(inFolder('absent'), 'vfio'), DEADLINE)
    expect(answer).toMatchObject({ outcome: 'failed', errno: 'ENOENT' })
    expect(existsSync(inFolder('absent'))).toBe(false)
  })

  it('replaces a file at once, with the mode asked for, and leaves no temporary file', async () => {
    writeFileSync(inFolder('file'), 'old', { mode: 0o640 })
    const base64 = Buffer.from([0, 255, 10, 13]).toString('base64')
    const order: HandOrder = { kind: 'write-file', path: inFolder('file'), base64, mode: 0o604 }
    expect(await hand.perform(order, DEADLINE)).toEqual({ outcome: 'done' })
    expect([...readFileSync(inFolder('file'))]).toEqual([0, 255, 10, 13])
    expect(statSync(inFolder('file')).mode & 0o7777).toBe(0o604)
    expect(spawnSync('ls', ['-A', folder], { encoding: 'utf8' }).stdout).toBe('file\n')
  })

  it('does not write through a symbolic link', async () => {
    writeFileSync(inFolder('target'), 'untouched')
    symlinkSync('target', inFolder('link'))
    const order: HandOrder = { kind: 'write-file', path: inFolder('link'), base64: 'AAAA', mode: 0o600 }
    expect(await hand.perform(order, DEADLINE)).toMatchObject({ outcome: 'failed', errno: 'EEXIST' })
    expect(readFileSync(inFolder('target'), 'utf8')).toBe('untouched')
  })

  it('removes only an empty directory', async () => {
    await hand.perform({ kind: 'create-directory', path: inFolder('d'), mode: 0o750 }, DEADLINE)
    expect(statSync(inFolder('d')).mode & 0o7777).toBe(0o750)
    writeFileSync(inFolder('d/kept'), '')
    const order: HandOrder = { kind: 'remove-directory', path: inFolder('d') }
    expect(await hand.perform(order, DEADLINE)).toMatchObject({ outcome: 'failed', errno: 'ENOTEMPTY' })
  })

  it('passes arguments to a command as they are and reports its exit code with the end of its output', async () => {
    const order: HandOrder = {
      kind: 'run-command',
      command: '/bin/sh',
      args: ['-c', 'echo "$1" >&2; exit 3', 'sh', '$(touch /nowhere); a b'],
      env: {},
      timeout: DEADLINE,
    }
    const answer = await hand.perform(order, DEADLINE)
    expect(answer).toMatchObject({ outcome: 'failed', errno: 'EEXIT' })
    expect(answer.outcome === 'failed' && answer.message).toContain('exit code 3: $(touch /nowhere); a b')
  })

  it('is given up at the deadline while the kernel blocks it, and takes no further order', async () => {
    const fifo = inFolder('fifo')
    spawnSync('mkfifo', [fifo])
    expect(await hand.perform(writeAttribute(fifo, 'x'), SHORT)).toEqual({ outcome: 'hung' })
    expect(hand.spent).toBe(true)
    expect(await isProcessAlive(hand)).toBe(true)
    expect(await hand.perform(writeAttribute(inFolder('other'), 'x'), SHORT)).toMatchObject({
      outcome: 'failed',
      errno: 'ESPENT',
    })

    await hand.end()
    expect(spawnSync('cat', [fifo], { encoding: 'utf8', timeout: DEADLINE }).stdout).toBe('x')
    await until(async () => !(await isProcessAlive(hand)))
  })

  it('reports an order as failed when it is killed in the middle of it', async () => {
    const fifo = inFolder('fifo')
    spawnSync('mkfifo', [fifo])
    const answer = hand.perform(writeAttribute(fifo, 'x'), DEADLINE)
    process.kill(hand.pid, 'SIGKILL')
    expect(await answer).toMatchObject({ outcome: 'failed', errno: 'EHAND' })
  })

  it('finishes the order it has and starts no other once its parent is gone', async () => {
    const program = join(dirname(createRequire(import.meta.url).resolve('@janus/core/package.json')), 'dist', 'hand.js')
    const fifo = inFolder('fifo')
    spawnSync('mkfifo', [fifo])
    for (const name of ['begun', 'second']) writeFileSync(inFolder(name), 'untouched')
    const orders = [
      writeAttribute(inFolder('begun'), 'written!!'),
      writeAttribute(fifo, 'first'),
      writeAttribute(inFolder('second'), 'written!!'),
    ]
    const parent = spawn(process.execPath, [
      '-e',
      `const { spawn } = require('node:child_process')
       const hand = spawn(process.execPath, [${JSON.stringify(program)}, String(process.pid)], { detached: true, stdio: ['pipe', 'pipe', 'ignore'] })
       hand.stdin.write(${JSON.stringify(orders.map((order) => JSON.stringify(order)).join('\n'))} + '\\n')
       console.log(hand.pid)`,
    ])
    const pid = Number(
      await new Promise<string>((resolve) => parent.stdout.once('data', (data) => resolve(String(data)))),
    )
    await until(async () => readFileSync(inFolder('begun'), 'utf8') === 'written!!')
    await sleep(SHORT)
    parent.kill('SIGKILL')
    await new Promise((resolve) => parent.once('exit', resolve))
    expect(spawnSync('cat', [fifo], { encoding: 'utf8', timeout: DEADLINE }).stdout).toBe('first')
    await until(async () => spawnSync('kill', ['-0', String(pid)]).status !== 0 || isZombie(pid))
    expect(readFileSync(inFolder('second'), 'utf8')).toBe('untouched')
  })
})

function isZombie(pid: number): boolean {
  return /^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  const end = performance.now() + DEADLINE
  while (!(await holds())) {
    if (performance.now() > end) throw new Error('it never came true')
    await sleep(20)
  }
}
