import { mkdirSync, mkdtempSync, readlinkSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { RunCommand } from '../../src/contract/change.js'
import type { SavedBytes } from '../../src/state/index.js'
import { orderFor } from '../../src/transaction/order-for.js'
import { performOrder } from '../../src/transaction/perform-order.js'

const disk = vi.hoisted(() => ({ synced: [] as string[], fault: undefined as Error | undefined }))

/** The real calls; which file each fsync is of is written down. */
vi.mock(import('node:fs'), async (importOriginal) => {
  const real = await importOriginal()
  const fsyncSync: typeof real.fsyncSync = (descriptor) => {
    disk.synced.push(readlinkSync(`/proc/self/fd/${descriptor}`))
    if (disk.fault !== undefined) throw disk.fault
    real.fsyncSync(descriptor)
  }
  return { ...real, fsyncSync }
})

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'janus-outputs-'))
  disk.synced = []
  disk.fault = undefined
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const noStore = {} as SavedBytes

async function run(script: string, ...outputs: readonly string[]) {
  const change: RunCommand = {
    kind: 'run-command',
    command: '/bin/sh',
    args: ['-c', script],
    timeout: 60_000,
    outputs,
    why: 'a test',
    scope: 'persistent',
  }
  return performOrder(await orderFor(change, noStore))
}

describe('the outputs of a command', () => {
  it('are on the disk before the answer, with the directories that name them', async () => {
    const path = join(folder, 'image')
    expect(await run(`echo built > '${path}'`, path)).toEqual({ outcome: 'done' })
    expect(disk.synced).toEqual([path, folder])
  })

  it('are made durable where a link leads to, and where it lies', async () => {
    mkdirSync(join(folder, 'efi'))
    symlinkSync(join(folder, 'efi/grub.cfg'), join(folder, 'grub.cfg'))
    await run(`echo made > '${folder}/efi/grub.cfg'`, join(folder, 'grub.cfg'))
    expect(disk.synced.toSorted()).toEqual([folder, join(folder, 'efi'), join(folder, 'efi/grub.cfg')])
  })

  it('are made durable too when the command failed: what it left is what its record says', async () => {
    const path = join(folder, 'image')
    expect(await run(`echo half > '${path}'; exit 3`, path)).toMatchObject({ outcome: 'failed', errno: 'EEXIT' })
    expect(disk.synced).toEqual([path, folder])
  })

  it('may be gone, with their directory too', async () => {
    expect(await run('true', join(folder, 'absent'), join(folder, 'no/such/file'))).toEqual({ outcome: 'done' })
    expect(disk.synced).toEqual([folder])
  })

  it('may be what no disk keeps: a file of the kernel, a pipe that nobody writes to', async () => {
    const pipe = join(folder, 'pipe')
    writeFileSync(join(folder, 'file'), '')
    expect(await run(`mkfifo '${pipe}'`, pipe, '/proc/self/comm', join(folder, 'file/below'))).toEqual({
      outcome: 'done',
    })
    expect(disk.synced).not.toContain(pipe)
  })

  it('that the disk does not take are a failure of the command, by the number of the kernel', async () => {
    disk.fault = Object.assign(new Error('EIO: i/o error, fsync'), { code: 'EIO' })
    const path = join(folder, 'image')
    expect(await run(`echo built > '${path}'`, path)).toMatchObject({ outcome: 'failed', errno: 'EIO' })
    expect(await run(`echo built > '${path}'; exit 3`, path)).toMatchObject({ errno: 'EEXIT' })
  })
})
