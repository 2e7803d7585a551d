import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { HandAnswer, HandOrder } from '../../src/contract/hand.js'
import { isProcessAlive, readProcessIdentity } from '../../src/state/process-identity.js'
import { performOrder } from '../../src/transaction/perform-order.js'

const PATH = '/usr/bin:/bin'
const PATIENCE = 20_000

describe('a program that an order runs', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'janus-program-'))
  })
  afterEach(() => {
    for (const name of ['leader', 'sleeper']) kill(name)
    rmSync(folder, { recursive: true, force: true })
  })

  const order = (script: string, timeout: number): HandOrder => ({
    kind: 'run-command',
    command: '/bin/sh',
    args: ['-c', script, 'sh', folder],
    env: { PATH },
    timeout,
  })
  const sh = async (script: string, timeout = PATIENCE): Promise<HandAnswer> => performOrder(order(script, timeout))
  const pidIn = (name: string): number => {
    const path = join(folder, name)
    return existsSync(path) ? Number(readFileSync(path, 'utf8')) : 0
  }
  const kill = (name: string): void => {
    try {
      process.kill(pidIn(name) || Number.NaN, 'SIGKILL')
    } catch {
      // It has ended, as it should.
    }
  }
  const isAlive = async (name: string): Promise<boolean> => (await readProcessIdentity(pidIn(name))) !== undefined
  const until = async (holds: () => boolean | Promise<boolean>): Promise<void> => {
    const end = performance.now() + PATIENCE
    while (!(await holds())) {
      if (performance.now() > end) throw new Error('it never came true')
      await sleep(20)
    }
  }

  it('takes what it forked along at its deadline, also what ignores a polite signal', async () => {
    const script = `(trap '' TERM; while :; do sleep 1; done) & echo $! > "$1/sleeper"; echo $$ > "$1/leader"; wait`
    expect(await sh(script, 500)).toMatchObject({ outcome: 'failed', errno: 'ETIMEDOUT' })
    await until(async () => !(await isAlive('leader')) && !(await isAlive('sleeper')))
  })

  it('is done when it ended, though a daemon that it left behind holds its output open', async () => {
    expect(await sh(`sleep 60 & echo $! > "$1/sleeper"`)).toEqual({ outcome: 'done' })
    expect(await isAlive('sleeper')).toBe(true)
  })

  it('says with its failure what it wrote, on stdout too', async () => {
    const answer = await sh('echo the reason; echo and a warning >&2; exit 3')
    expect(answer).toMatchObject({ outcome: 'failed', errno: 'EEXIT' })
    expect(answer).toHaveProperty('message', '/bin/sh ended with exit code 3: the reason\nand a warning')
  })

  it('runs in a session of its own', async () => {
    await sh(`cut -d' ' -f1,5,6 /proc/$$/stat > "$1/ids"`)
    const [pid, group, session] = readFileSync(join(folder, 'ids'), 'utf8').trim().split(' ')
    expect([group, session]).toEqual([pid, pid])
  })

  it('may write more than anybody wants to read', async () => {
    expect(await sh('head -c 3000000 /dev/zero; head -c 3000000 /dev/zero >&2')).toEqual({ outcome: 'done' })
  })

  it('need not read its input', async () => {
    const answer = await performOrder({
      ...order('exec <&-; exit 0', PATIENCE),
      input: 'x'.repeat(500_000),
    } as HandOrder)
    expect(answer).toEqual({ outcome: 'done' })
  })

  it('is reported as absent by the error number', async () => {
    const absent: HandOrder = { kind: 'run-command', command: join(folder, 'no'), args: [], env: {}, timeout: PATIENCE }
    expect(await performOrder(absent)).toMatchObject({ outcome: 'failed', errno: 'ENOENT' })
  })

  it('is finished by a hand whose parent is gone, which lives as long and starts nothing after it', async () => {
    const program = join(dirname(createRequire(import.meta.url).resolve('@janus/core/package.json')), 'dist', 'hand.js')
    const orders = [
      order(`echo $$ > "$1/leader"; until [ -e "$1/go" ]; do sleep 0.05; done; echo end > "$1/finished"`, PATIENCE),
      order(`echo > "$1/second"`, PATIENCE),
    ]
    const parent = spawn(process.execPath, [
      '-e',
      `const { spawn } = require('node:child_process')
       const hand = spawn(process.execPath, [${JSON.stringify(program)}, String(process.pid)], { detached: true, stdio: ['pipe', 'pipe', 'ignore'] })
       hand.stdin.write(${JSON.stringify(orders.map((each) => JSON.stringify(each)).join('\n'))} + '\\n')
       console.log(hand.pid)`,
    ])
    const pid = Number(
      await new Promise<string>((resolve) => parent.stdout.once('data', (data) => resolve(String(data)))),
    )
    await until(() => pidIn('leader') > 0)
    const hand = await readProcessIdentity(pid)
    if (hand === undefined) throw new Error('there is no hand')
    parent.kill('SIGKILL')
    await new Promise((resolve) => parent.once('exit', resolve))
    await sleep(200)
    expect([await isProcessAlive(hand), await isAlive('leader')]).toEqual([true, true])
    writeFileSync(join(folder, 'go'), '')
    await until(async () => !(await isProcessAlive(hand)))
    expect(readFileSync(join(folder, 'finished'), 'utf8')).toBe('end\n')
    expect(existsSync(join(folder, 'second'))).toBe(false)
  })
})
