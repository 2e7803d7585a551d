import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { Snapshot } from '../../src/contract/snapshot.js'
import { createLiveHost, createQuery, createSnapshotHost } from '../../src/host/index.js'
import { treeHost } from '../inventory/support/tree.js'

const query = createQuery(createLiveHost(), { env: { PATH: process.env.PATH } })

function directory(): string {
  const path = mkdtempSync(join(tmpdir(), 'janus-query-'))
  onTestFinished(() => rmSync(path, { recursive: true, force: true }))
  return path
}

describe('a program', () => {
  test('is found in the first directory of PATH that has it executable', async () => {
    const [first, second] = [directory(), directory()]
    for (const place of [first, second]) writeFileSync(join(place, 'virsh'), '#!/bin/sh\n')
    chmodSync(join(second, 'virsh'), 0o755)
    mkdirSync(join(first, 'qemu-img'))
    const own = createQuery(createLiveHost(), { env: { PATH: `relative::${first}:${second}/` } })
    expect(await own('program', { name: 'virsh' })).toEqual({ available: true, path: join(second, 'virsh') })
    expect(await own('program', { name: 'qemu-img' })).toEqual({ available: true, path: null })
  })

  test('is looked for by a plain name only', async () => {
    for (const name of ['../bin/sh', '/bin/sh', '', 'a b'])
      expect(await query('program', { name })).toMatchObject({ available: false })
  })
})

describe('whether a device can be opened', () => {
  test('is tried', async () => {
    expect(await query('openable', { path: '/dev/null' })).toEqual({ available: true, openable: true })
  })

  test('is not tried where opening could have effects', async () => {
    for (const path of ['/dev/watchdog', '/dev/vfio/9', '/dev/../dev/null', '/etc/passwd']) {
      expect(await query('openable', { path })).toMatchObject({ available: false })
    }
  })
})

test('identity is that of the process', async () => {
  const identity = await query('identity', {})
  expect(identity).toMatchObject({ available: true, uid: process.getuid?.() })
})

test('identity of another user comes from the user database', async () => {
  const other = createQuery(createLiveHost(), { env: {}, uid: 4_000_000 })
  expect(await other('identity', {})).toEqual({ available: true, uid: 4_000_000, user: '4000000', groups: [] })
})

describe('who holds a device open', () => {
  test('is found by device number, under whatever path', async () => {
    const child = spawn('sleep', ['60'], { stdio: ['ignore', 'ignore', 'ignore'] })
    onTestFinished(() => void child.kill('SIGKILL'))
    await once(child, 'spawn')
    const answer = await query('descriptor-holders', { devices: ['1:3'] })
    if (!answer.available) throw new Error(answer.reason)
    expect(answer.holders).toContainEqual(expect.objectContaining({ pid: child.pid, device: '1:3', path: '/dev/null' }))
    expect(answer.holders.filter(({ pid }) => pid === child.pid)).toHaveLength(1)
  })

  test('is nobody for a device that nobody has', async () => {
    const answer = await query('descriptor-holders', { devices: ['4095:1'] })
    expect(answer).toMatchObject({ available: true, holders: [] })
    expect(await query('descriptor-holders', { devices: [] })).toEqual({ available: true, holders: [], complete: true })
  })
})

describe('a captured host', () => {
  const holder = { pid: 7, name: 'qemu', device: '243:0', path: '/dev/vfio/9' }
  const snapshotWith = (queries: Snapshot['queries']) =>
    createQuery(
      createSnapshotHost({
        schema: 'janus.snapshot/1',
        capturedAt: '',
        janusVersion: '',
        masked: true,
        entries: {},
        queries,
      }),
      { env: process.env },
    )

  test('answers what was asked of it', async () => {
    const own = snapshotWith({ 'program {"name":"virsh"}': { available: true, path: '/usr/bin/virsh' } })
    expect(await own('program', { name: 'virsh' })).toEqual({ available: true, path: '/usr/bin/virsh' })
    expect(await own('program', { name: 'qemu-img' })).toMatchObject({ available: false })
  })

  test('answers for some of the devices that were asked about', async () => {
    const own = snapshotWith({
      'descriptor-holders {"devices":["243:0","226:0"]}': { available: true, holders: [holder], complete: true },
    })
    expect(await own('descriptor-holders', { devices: ['226:0'] })).toEqual({
      available: true,
      holders: [],
      complete: true,
    })
    expect(await own('descriptor-holders', { devices: ['243:0'] })).toEqual({
      available: true,
      holders: [holder],
      complete: true,
    })
    expect(await own('descriptor-holders', { devices: ['243:0', '1:1'] })).toMatchObject({ available: false })
  })

  test('gives no answer of the wrong shape', async () => {
    const own = snapshotWith({
      'program {"name":"virsh"}': { available: true, path: 7 },
      'identity {}': null,
      'descriptor-holders {"devices":["1:3"]}': { available: true, holders: [{}], complete: true },
      'descriptor-holders {': 7,
    })
    expect(await own('program', { name: 'virsh' })).toMatchObject({ available: false })
    expect(await own('identity', {})).toMatchObject({ available: false })
    expect(await own('descriptor-holders', { devices: ['1:3'] })).toMatchObject({ available: false })
  })

  test('as a tree answers nothing, least of all about this machine', async () => {
    const own = createQuery(treeHost({ '/proc/cmdline': '' }), { env: process.env })
    expect(await own('openable', { path: '/dev/null' })).toMatchObject({ available: false })
    expect(await own('program', { name: 'sh' })).toMatchObject({ available: false })
  })
})
