import { spawn } from 'node:child_process'
import { mkdtemp, readFile, realpath, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { findProcess } from '../../src/stop/process-table.js'
import { registerRun } from '../../src/stop/run-register.js'
import { readBeat, startBeating } from '../../src/stop/supervisor/beat.js'
import { notedProcess, noteProcess } from '../../src/stop/supervisor/process-note.js'
import { runSupervisor, type Supervisor } from '../../src/stop/supervisor/run-supervisor.js'
import { startSupervisor } from '../../src/stop/supervisor/start-supervisor.js'
import { watchdogNotes } from '../../src/stop/supervisor/watchdog-notes.js'
import { eventually } from '../support/marked-processes.js'

const PROGRAM = fileURLToPath(new URL('../../src/stop/supervisor/main.ts', import.meta.url))
let folder: string
let file: string
let supervisor: Supervisor | undefined

beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'janus-supervisor-')))
  file = join(folder, 'EMERGENCY_STOP')
})

afterEach(async () => {
  supervisor?.close()
  supervisor = undefined
  await rm(folder, { recursive: true, force: true })
})

/** A run that no daemon watches any more. */
function run(): number {
  const { pid = 0 } = spawn('/bin/sleep', ['600'], { detached: true, stdio: 'ignore' })
  const found = findProcess(pid)
  if (found === undefined) throw new Error('it did not start')
  registerRun(folder, { ...found, cgroup: undefined })
  return pid
}

describe('the supervisor', () => {
  test('as a unit of its own it is found by the daemon, which neither starts nor ends it', async () => {
    const program = [process.execPath, '--import', import.meta.resolve('tsx'), PROGRAM] as const
    const options = { runDirectory: folder, files: [file], onLost: () => undefined }
    const unit = await startSupervisor({ ...options, command: program })
    const found = await startSupervisor({ ...options, command: ['/bin/false'] })
    expect(found).toMatchObject({ pid: unit.pid, startTime: unit.startTime, own: true })
    await found.close()
    expect(findProcess(unit.pid)).toBeDefined()
    await unit.close()
    expect(findProcess(unit.pid)).toBeUndefined()
    expect(notedProcess(folder, 'supervisor')).toBeUndefined()
  })

  test('one that cannot be started is an error, and says so at once', async () => {
    const options = { runDirectory: folder, files: [file], onLost: () => undefined, command: ['/bin/false'] as const }
    await expect(startSupervisor(options)).rejects.toMatchObject({ code: 'JANUS_AGENT_SUPERVISOR_UNAVAILABLE' })
  })

  test('ends what a daemon left that is gone', async () => {
    const pid = run()
    supervisor = runSupervisor({ runDirectory: folder, files: [file], every: 20 })
    await eventually('it is ended', () => findProcess(pid) === undefined)
  })

  test('as long as a stop stands whatever appears is ended; when it is lifted, that is no new one', async () => {
    const events: string[] = []
    supervisor = runSupervisor({ runDirectory: folder, files: [file], every: 20, onEvent: (line) => events.push(line) })
    await writeFile(file, '')
    await eventually('it is seen', () => events.length > 0)
    const pid = run()
    await eventually('it is ended', () => findProcess(pid) === undefined)
    await rename(file, `${file}.lifted-1`)
    await eventually('it is seen', () => events.includes('the stop is gone'))
    expect(events.filter((line) => line.startsWith('stop: '))).toHaveLength(1)
  })

  test('as long as the event loop of the daemon stands still whatever appears is ended; word is left once', async () => {
    const events: string[] = []
    const forget = noteProcess(folder, 'daemon')
    supervisor = runSupervisor({
      ...{ runDirectory: folder, files: [file], every: 20, blockedAfter: 100 },
      onEvent: (line) => events.push(line),
    })
    const first = run()
    await eventually('it is ended', () => findProcess(first) === undefined)
    const second = run()
    await eventually('it is ended too', () => findProcess(second) === undefined)
    expect(events).toEqual(['the event loop of the daemon stood still for 0.1 s'])
    expect(watchdogNotes(folder)).toHaveLength(1)
    forget()
  })

  test('where the event loop stood still under a stop, and still does when the stop is gone, word of it is left', async () => {
    const events: string[] = []
    const forget = noteProcess(folder, 'daemon')
    await writeFile(file, '')
    supervisor = runSupervisor({
      ...{ runDirectory: folder, files: [file], every: 20, blockedAfter: 100 },
      onEvent: (line) => events.push(line),
    })
    await new Promise((resolve) => setTimeout(resolve, 300))
    expect(watchdogNotes(folder)).toEqual([])
    await rm(file)
    await eventually('word is left', () => watchdogNotes(folder).length === 1)
    expect(events).toContain('the event loop of the daemon stood still for 0.1 s')
    forget()
  })

  test('a beat whose file is taken away goes on in a new one', async () => {
    const end = startBeating(folder, 10)
    await rm(join(folder, 'heartbeat'))
    await eventually('it is there again', () => Number(readBeat(folder)) > 1)
    end()
  })

  test('a stop of its own is kept in a file that says why', async () => {
    supervisor = runSupervisor({ runDirectory: folder, files: [file], every: 20 })
    supervisor.stop({ kind: 'signal', summary: 'SIGUSR2', by: { kind: 'system', name: 'janus-controls' } })
    await eventually('it is kept', async () => (await readFile(file, 'utf8').catch(() => '')).includes('SIGUSR2'))
  })
})
