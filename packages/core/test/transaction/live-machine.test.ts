import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Reading } from '../../src/contract/host.js'
import { createLiveHost, createQuery } from '../../src/host/index.js'
import { createLiveMachine, type LiveMachine } from '../../src/transaction/live-machine.js'

const SHORT = 300

describe('a live machine', () => {
  let folder: string
  let machine: LiveMachine
  let read: (path: string) => Promise<Reading<string>>

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'janus-live-'))
    machine = createLiveMachine({
      createHost: (readHanging) => {
        read = readHanging
        return createLiveHost({ readHanging })
      },
      createQuery: (host) => createQuery(host, { env: {} }),
      readDeadline: SHORT,
    })
  })
  afterEach(async () => {
    await machine.close()
    rmSync(folder, { recursive: true, force: true })
  })

  it('gives the reads that waited behind one that hangs to another hand', async () => {
    const hanging = join(folder, 'fifo')
    spawnSync('mkfifo', [hanging])
    writeFileSync(join(folder, 'one'), 'vfio-pci\n')
    writeFileSync(join(folder, 'two'), '(null)\n')
    const readings = await Promise.all([hanging, join(folder, 'one'), join(folder, 'two')].map((path) => read(path)))
    expect(readings).toEqual([{ unreadable: 'timeout' }, { value: 'vfio-pci\n' }, { value: '(null)\n' }])
    // Opening the other end lets the first hand go.
    spawnSync('sh', ['-c', 'echo x > "$1"', 'sh', hanging])
  })
})
