import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { identifyProcess, isStillThere, type RunProcesses, signalProcess } from '../../src/index.js'
import { createRunSandbox } from '../../src/sandbox/create-run-sandbox.js'
import { parentOf } from '../../src/sandbox/process-identity.js'
import { type TestSandbox, TOOL_USERS, testSandbox } from '../support/run-sandbox.js'
import { SMALL } from '../support/small-limits.js'

const isRoot = process.geteuid?.() === 0
let opened: TestSandbox
let folder = ''
beforeAll(async () => {
  opened = await testSandbox()
  folder = await mkdtemp(join(tmpdir(), 'janus-shown-'))
  await chmod(folder, 0o755)
})
afterAll(async () => {
  await opened.close()
  await rm(folder, { recursive: true, force: true })
})

describe('a run in the sandbox of tools', () => {
  test('tells how its program ended, what it wrote and what bounded it', async () => {
    const end = await opened.shell('cat; echo err >&2; echo $GIVEN; exit 3', {
      input: 'in\n',
      environment: { GIVEN: 'given', HOME: '/evil' },
    })
    expect(end).toMatchObject({ ending: 'exited', exitCode: 3, signal: undefined, network: [] })
    expect([end.stdout.text, end.stderr.text]).toEqual(['in\ngiven\n', 'err\n'])
    const enforced = new Map(end.enforced.map((row) => [row.dimension, row]))
    for (const dimension of [
      'wall',
      'cpu',
      'memory-process',
      'processes',
      'workspace-bytes',
      'workspace-inodes',
      'output',
      'network',
      'system-calls',
      'namespaces',
    ])
      expect(enforced.get(dimension)).toMatchObject({ enforced: true })
    expect(enforced.get('user')).toMatchObject({ enforced: isRoot })
  })

  test.each([
    ['signalled', 'kill -SEGV $$', { signal: 'SIGSEGV', exitCode: undefined }],
    ['exited', 'exit 127', { exitCode: 127 }],
    ['exited', 'echo "bwrap: no" >&2; exit 1', { exitCode: 1 }],
  ] as const)('is %s after %j', async (ending, script, more) => {
    expect(await opened.shell(script)).toMatchObject({ ending, ...more })
  })

  test('is not started when its program is not there, or no program', async () => {
    expect(await opened.shell('', { program: '/usr/bin/no-such-program' })).toMatchObject({
      ending: 'not-started',
      exitCode: undefined,
    })
    expect(await opened.shell('', { program: '/usr/share', argv: [] })).toMatchObject({ ending: 'not-started' })
  })

  test('is cancelled by its signal, also before it begins', async () => {
    expect(await opened.shell('sleep 60', { signal: AbortSignal.timeout(300), grace: 100 })).toMatchObject({
      ending: 'cancelled',
    })
  })

  test('can end by itself within its grace', async () => {
    const script = 'trap "echo bye; exit 7" TERM; echo ready; while :; do sleep 0.05; done'
    const end = await opened.shell(script, { limits: { ...SMALL, wallSeconds: 2 }, grace: 20_000 })
    expect(end).toMatchObject({ ending: 'timeout', exitCode: 7, stdout: { text: 'ready\nbye\n' } })
  })

  test('that is killed from outside is not called not-started', async () => {
    const end = await opened.shell('echo wrote >&2; sleep 60', {
      onStarted: (processes) => void delay(500).then(() => signalProcess(processes, 'SIGKILL')),
    })
    expect(end).toMatchObject({ ending: 'signalled', signal: 'SIGKILL' })
  })

  test('asks in the turn of its start, and tells in the same', async () => {
    const order: string[] = []
    let processes: RunProcesses | undefined
    const end = await opened.shell('sleep 0.3', {
      beforeStart: () => {
        order.push('may')
        queueMicrotask(() => order.push('another turn'))
      },
      onStarted: (started) => {
        order.push('started')
        processes = started
        expect(isStillThere(started)).toBe(true)
      },
    })
    expect(order).toEqual(['may', 'started', 'another turn'])
    expect(end.ending).toBe('exited')
    expect(processes?.startTime).toMatch(/^\d+$/)
  })

  test('is not started when that is refused, and killed when it cannot be told', async () => {
    const refuse = (): never => {
      throw new Error('stopped')
    }
    await expect(opened.shell('true', { beforeStart: refuse })).rejects.toThrow('stopped')
    let pid = 0
    const told = opened.shell('echo >made; sleep 60', {
      id: 'told',
      onStarted: (processes) => {
        pid = processes.pid
        refuse()
      },
    })
    await expect(told).rejects.toThrow('stopped')
    expect(pid).toBeGreaterThan(1)
    await expect(readFile(join(opened.root, 'told', 'made'))).rejects.toThrow('ENOENT')
  })

  test('sees what it is shown, and what lies where its user could not go', async () => {
    const hidden = join(folder, 'hidden')
    await mkdir(join(hidden, 'data'), { recursive: true })
    await writeFile(join(hidden, 'data', 'file'), 'shown')
    await chmod(hidden, 0o700)
    const readOnly = [{ source: join(hidden, 'data'), target: '/given' }]
    const end = await opened.shell('cat /given/file; touch /given/x', { readOnly })
    expect([end.stdout.text, end.exitCode]).toEqual(['shown', 1])
    await expect(opened.shell('true', { readOnly: [{ source: '/etc' }] })).rejects.toMatchObject({
      code: 'JANUS_SANDBOX_BIND_REFUSED',
    })
  })

  test('writes where it may besides its workspace', async () => {
    const shared = join(folder, 'shared')
    await mkdir(shared)
    await chmod(shared, 0o777)
    await opened.shell('echo written >/shared/file', { writable: [{ source: shared, target: '/shared' }] })
    expect(await readFile(join(shared, 'file'), 'utf8')).toBe('written\n')
  })

  test('is refused a network where there is none', async () => {
    await expect(opened.shell('true', { network: ['a.test'] })).rejects.toMatchObject({
      code: 'JANUS_SANDBOX_UNAVAILABLE',
    })
  })

  test('waits for room, and ends with the sandbox', async () => {
    const other = await testSandbox({ mostRuns: 1 })
    const runs = ['one', 'two', 'three'].map((word) => other.shell(`echo ${word}`))
    expect((await Promise.all(runs)).map(({ stdout }) => stdout.text)).toEqual(['one\n', 'two\n', 'three\n'])
    const long = other.shell('sleep 60', {
      grace: 100,
      onStarted: () => void setTimeout(() => void other.close(), 300),
    })
    expect(await long).toMatchObject({ ending: 'cancelled' })
    await expect(other.shell('true')).rejects.toMatchObject({ code: 'JANUS_SANDBOX_UNAVAILABLE' })
  })
})

describe('runs one after the other', () => {
  test('are started by the same launcher, and each is told what it used itself', async () => {
    const other = await testSandbox({ mostRuns: 1 })
    const launchers: number[] = []
    const shell = (script: string) =>
      other.shell(script, {
        onStarted: ({ pid }) => void launchers.push(parentOf(pid) ?? 0),
        limits: { ...SMALL, wallSeconds: 60 },
      })
    const large = await shell(
      'x=$(head -c 40M /dev/zero | tr "\\0" x); n=0; while [ $n -lt 200000 ]; do n=$((n + 1)); done',
    )
    const small = await shell('true')
    expect([large.ending, small.ending]).toEqual(['exited', 'exited'])
    if (small.enforced.some(({ dimension, by }) => dimension === 'memory-tree' && by === 'cgroup-v1')) {
      expect(new Set(launchers).size).toBe(1)
      expect(large.memoryPeakBytes).toBeGreaterThan(40 << 20)
      expect(small.memoryPeakBytes).toBeLessThan(30 << 20)
    }
    if (small.cpuMs !== undefined) expect(small.cpuMs).toBeLessThan(large.cpuMs ?? 0)
    await other.close()
  })

  test('go on when the launcher that waited has ended, and when the last run took it along', async () => {
    const other = await testSandbox({ mostRuns: 1 })
    let launcher = 0
    const onStarted = ({ pid }: RunProcesses): void => {
      launcher = parentOf(pid) ?? 0
    }
    await other.shell('true', { onStarted })
    // It is prepared for the next one.
    await delay(300)
    process.kill(launcher, 'SIGKILL')
    await delay(300)
    expect(await other.shell('echo one')).toMatchObject({ ending: 'exited', stdout: { text: 'one\n' } })
    const memory = 'perl -e \'my @all; push @all, "x" x 1e7 while 1\''
    expect((await other.shell(memory)).exitCode).not.toBe(0)
    expect(await other.shell('echo two')).toMatchObject({ ending: 'exited', stdout: { text: 'two\n' } })
    const trapped = 'trap "exit 7" TERM; echo ready; while :; do sleep 0.05; done'
    const timed = await other.shell(trapped, { limits: { ...SMALL, wallSeconds: 1 }, grace: 20_000 })
    expect(timed).toMatchObject({ ending: 'timeout', exitCode: 7 })
    expect(await other.shell('echo again')).toMatchObject({ ending: 'exited', stdout: { text: 'again\n' } })
    const killed = await other.shell('sleep 60', {
      onStarted: (processes) => void delay(200).then(() => signalProcess(processes, 'SIGKILL')),
    })
    expect(killed.ending).toBe('signalled')
    expect(await other.shell('echo three')).toMatchObject({ ending: 'exited', stdout: { text: 'three\n' } })
    await other.close()
  })

  test('hand nothing to each other: neither files nor processes nor variables', async () => {
    const other = await testSandbox({ mostRuns: 1 })
    const leave = 'echo x >/tmp/x; echo x >~/x; (setsid sleep 600 &) >/dev/null 2>&1; ulimit -n 20'
    expect((await other.shell(leave, { environment: { SECRET: 'secret' }, input: 'unread' })).exitCode).toBe(0)
    const { stdout } = await other.shell('ls -A /tmp ~; cat; echo $SECRET; ulimit -n; set -- /proc/[0-9]*; echo $#')
    expect(stdout.text).toBe('/home/tool:\n\n/tmp:\n\n256\n2\n')
    await other.close()
  })
})

describe('without a sandbox that holds', () => {
  const make = (program: string, more = {}) =>
    createRunSandbox({ program, user: undefined, root: join(folder, 'none'), mostRuns: 1, ...TOOL_USERS, ...more })
  const run = { id: 'run', program: '/usr/bin/true', argv: [], environment: {}, limits: SMALL, network: [] }

  test('nothing runs before the self-test', async () => {
    await expect(make('/usr/bin/bwrap').run(run)).rejects.toMatchObject({
      code: 'JANUS_SANDBOX_UNAVAILABLE',
      message: expect.stringContaining('not tried'),
    })
  })

  test.each([
    ['is missing', '/nonexistent/bwrap', undefined, /not installed/, /apt-get install bubblewrap/],
    [
      'only pretends',
      'pretends',
      'while [ "$1" != -- ]; do shift; done; shift; exec 3>&1; exec "$@"',
      /held|set up/,
      /./,
    ],
    [
      'is kept from user namespaces',
      'refused',
      'echo "bwrap: setting up uid map: Permission denied" >&2; exit 1',
      /uid map/,
      /AppArmor|apparmor/,
    ],
  ])(
    'the self-test says so when bubblewrap %s, and nothing runs after it',
    async (_, name, script, because, remedy) => {
      const program = script === undefined ? name : join(folder, name)
      if (script !== undefined)
        await writeFile(program, `#!/bin/sh\n[ "$1" = --version ] && echo "bubblewrap 0.9.0" && exit 0\n${script}\n`, {
          mode: 0o755,
        })
      const sandbox = make(program)
      const tested = await sandbox.selfTest()
      expect(tested).toMatchObject({
        holds: false,
        because: expect.stringMatching(because),
        remedy: expect.stringMatching(remedy),
      })
      await expect(sandbox.run(run)).rejects.toMatchObject({ code: 'JANUS_SANDBOX_UNAVAILABLE' })
      await sandbox.close()
    },
  )
})

describe('whose processes are signalled', () => {
  test('attack 37: a number that belongs to another process by now gets no signal', async () => {
    const self = identifyProcess(process.pid)
    expect(self).toBeDefined()
    const before = { pid: process.pid, startTime: String(Number(self?.startTime) - 1) }
    expect(isStillThere(before)).toBe(false)
    expect(signalProcess(before, 'SIGKILL')).toBe(false)
    expect(signalProcess({ pid: 1, startTime: identifyProcess(1)?.startTime ?? '' }, 'SIGKILL')).toBe(false)
    expect(identifyProcess(2 ** 30)).toBeUndefined()
  })

  test('attack 34: a run cannot be started from a worker thread, which it would end with', async () => {
    const program = new URL('../../src/sandbox/create-run-sandbox.ts', import.meta.url).href
    const code = `
      import { parentPort } from 'node:worker_threads'
      import { register } from 'tsx/esm/api'
      register()
      const { createRunSandbox } = await import(${JSON.stringify(program)})
      const sandbox = createRunSandbox({ program: '/usr/bin/bwrap', user: undefined, root: '/nonexistent', mostRuns: 1 })
      const run = { id: 'run', program: '/usr/bin/true', argv: [], environment: {}, limits: {}, network: [] }
      const said = await sandbox.run(run).catch((error) => error.code + ' ' + error.message)
      const tested = await sandbox.selfTest()
      parentPort.postMessage([said, tested.holds])`
    const path = join(folder, 'worker.mjs')
    await writeFile(
      path,
      code.replace("'tsx/esm/api'", JSON.stringify(import.meta.resolve?.('tsx/esm/api') ?? 'tsx/esm/api')),
    )
    const worker = new Worker(path)
    const [said, holds] = await new Promise<readonly [string, boolean]>((resolve, reject) =>
      worker.once('message', resolve).once('error', reject),
    )
    expect(said).toMatch(/^JANUS_USAGE .*main thread/)
    expect(holds).toBe(false)
  })
})
