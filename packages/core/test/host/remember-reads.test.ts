import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Host } from '../../src/contract/host.js'
import { createLiveHost } from '../../src/host/live-host.js'
import { rememberReads } from '../../src/host/remember-reads.js'
import { createSnapshotHost } from '../../src/host/snapshot-host.js'

let folder = ''

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'janus-remember-'))
  writeFileSync(join(folder, 'driver'), 'first')
})

afterEach(() => rmSync(folder, { recursive: true, force: true }))

describe('a host that remembers', () => {
  test('answers as the host does, the reasons for not knowing included', async () => {
    const host = createLiveHost({ root: folder })
    const remembered = rememberReads(host)
    expect(remembered).toMatchObject({ kind: host.kind, root: host.root, description: host.description })
    for (const path of ['/', '/driver', '/absent', '/sys/absent', '/driver/below']) {
      for (const name of ['readText', 'readBytes', 'readLink', 'readLinkText', 'list', 'exists', 'stat'] as const) {
        expect([name, path, await remembered[name](path)]).toEqual([name, path, await host[name](path)])
      }
    }
  })

  test('tells who asks later what it told the first, and another run what is there by then', async () => {
    const host = createLiveHost({ root: folder })
    const run = rememberReads(host)
    expect(await run.readText('/driver')).toEqual({ value: 'first' })
    expect(await run.exists('/late')).toBe(false)
    writeFileSync(join(folder, 'driver'), 'second')
    writeFileSync(join(folder, 'late'), '')
    expect(await run.readText('/driver')).toEqual({ value: 'first' })
    expect(await run.exists('/late')).toBe(false)
    expect(await rememberReads(host).readText('/driver')).toEqual({ value: 'second' })
  })

  test('asks once also when many ask before there is an answer', async () => {
    let asked = 0
    const host: Host = {
      ...createLiveHost({ root: folder }),
      async list() {
        asked += 1
        return { value: ['a'] }
      },
    }
    const run = rememberReads(host)
    await Promise.all([run.list('/sys'), run.list('/sys'), run.list('/proc')])
    expect(asked).toBe(2)
  })

  test('is the snapshot itself when that is what it was given', () => {
    const snapshot = createSnapshotHost({
      schema: 'janus.snapshot/1',
      capturedAt: '2026-01-01T00:00:00.000Z',
      janusVersion: '0.1.0',
      masked: true,
      entries: {},
      queries: {},
    })
    expect(rememberReads(snapshot)).toBe(snapshot)
  })
})
