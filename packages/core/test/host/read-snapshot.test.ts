import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, onTestFinished, test } from 'vitest'
import { isJanusError } from '../../src/errors/janus-error.js'
import { openHost } from '../../src/host/index.js'
import { parseSnapshot } from '../../src/host/read-snapshot.js'
import { writeTree } from '../inventory/support/tree.js'

const head = {
  schema: 'janus.snapshot/1',
  capturedAt: '2026-01-01T00:00:00.000Z',
  janusVersion: '0.1.0',
  masked: true,
  queries: {},
}

function refusalOf(json: unknown): { code: string; message: string } {
  try {
    parseSnapshot(json)
  } catch (error) {
    if (isJanusError(error)) return error
    throw error
  }
  throw new Error('it was accepted')
}

describe('a snapshot from outside', () => {
  test('is accepted with every kind of entry', () => {
    const entries = {
      '/a': { text: 'x', mode: 0o644 },
      '/b': { link: '../x' },
      '/c': { names: ['x'] },
      '/d': { device: '1:3', type: 'character-device' },
      '/e': { unreadable: 'denied' },
      '/f': { absent: true },
    }
    expect({ ...parseSnapshot({ ...head, entries }).entries }).toEqual(entries)
  })

  test.each([
    ['a path that climbs', '/sys/../etc/shadow', { text: '' }],
    ['a relative path', 'etc/passwd', { text: '' }],
    ['a path with a NUL', '/etc/\0', { text: '' }],
    ['a name that is a path', '/etc', { names: ['../x'] }],
    ['a name that is a dot', '/etc', { names: ['..'] }],
    ['a text that is no text', '/etc/x', { text: 7 }],
    ['a kind of its own', '/etc/x', { command: 'reboot' }],
    ['two kinds at once', '/etc/x', { text: '', link: '/y' }],
    ['a text beyond the limit', '/etc/x', { text: 'x'.repeat(1024 * 1024 + 1) }],
    ['a device without numbers', '/dev/x', { device: 'kvm', type: 'character-device' }],
    ['no entry', '/etc/x', null],
  ])('is refused for %s, which is named', (_, path, entry) => {
    const refusal = refusalOf({ ...head, entries: { '/ok': { text: '' }, [path]: entry } })
    expect(refusal.code).toBe('JANUS_SNAPSHOT_INVALID')
    expect(refusal.message).toContain(JSON.stringify(path))
  })

  test('is refused with another schema, or members of its own', () => {
    expect(refusalOf({ ...head, schema: 'janus.snapshot/2', entries: {} }).message).toContain('schema')
    expect(refusalOf({ ...head, entries: {}, more: 1 }).code).toBe('JANUS_SNAPSHOT_INVALID')
  })

  test('never brings terminal codes into the message', () => {
    const { message } = refusalOf({ ...head, entries: { '\u001b[2J\u009b\u202e': { text: '' } } })
    for (const character of ['\u001b', '\u009b', '\u202e']) expect(message).not.toContain(character)
  })

  test('is refused or accepted, whatever it is: nothing else is thrown', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.jsonValue(),
          fc.dictionary(fc.string(), fc.jsonValue()).map((entries) => ({ ...head, entries })),
        ),
        (json) => {
          try {
            parseSnapshot(json)
          } catch (error) {
            expect(isJanusError(error) && error.code).toBe('JANUS_SNAPSHOT_INVALID')
          }
        },
      ),
    )
  })
})

describe('opening a host', () => {
  function fileWith(text: string): string {
    const directory = mkdtempSync(join(tmpdir(), 'janus-open-'))
    onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
    writeFileSync(join(directory, 'lab.json'), text)
    return join(directory, 'lab.json')
  }

  test('takes a snapshot file', async () => {
    const host = await openHost(
      fileWith(JSON.stringify({ ...head, entries: { '/proc/cmdline': { text: 'quiet\n' } } })),
    )
    expect(host).toMatchObject({ kind: 'snapshot', description: 'snapshot lab.json' })
    expect(await host.readText('/proc/cmdline')).toEqual({ value: 'quiet\n' })
  })

  test('takes a directory', async () => {
    expect((await openHost(writeTree({ '/proc/cmdline': 'quiet\n' }))).kind).toBe('tree')
  })

  test('refuses what is neither', async () => {
    await expect(openHost('/no/such/file')).rejects.toMatchObject({ code: 'JANUS_FILE_INVALID' })
    await expect(openHost('/dev/null')).rejects.toMatchObject({ code: 'JANUS_FILE_INVALID' })
    await expect(openHost(fileWith('{'))).rejects.toMatchObject({ code: 'JANUS_SNAPSHOT_INVALID' })
  })
})
