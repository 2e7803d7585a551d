import { chmod, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { createLiveBoard, mergeConditions, openConfiguredLocalAgent, overdueMaintenance } from '../../src/index.js'

const directory = await mkdtemp(join(tmpdir(), 'janus-live-'))
const ownUid = process.getuid?.() ?? 0
const now = new Date('2026-03-01T12:00:00.000Z')
afterAll(() => rm(directory, { recursive: true }))

const file = join(directory, 'maintenance.json')
const settings = { controls: { maintenance_file: file } } as Parameters<typeof overdueMaintenance>[0]
const task = (more: object) => ({ task: 'renew the certificate', critical: true, due: '2026-03-01T11:59:59Z', ...more })
const overdueWith = async (tasks: readonly object[], schema = 'janus.maintenance/1') => {
  await writeFile(file, JSON.stringify({ schema, tasks }), { mode: 0o600 })
  return overdueMaintenance(settings, now, ownUid)
}

describe('the live board', () => {
  test('holds what holds, with its reason, until it does not', () => {
    const board = createLiveBoard()
    board.set('selfTest', 'no user namespaces')
    board.set('relief', 'memory')
    board.set('relief', undefined)
    expect(board.conditions()).toEqual({ selfTest: 'no user namespaces' })
  })

  test('conditions of several sources hold together, none takes back what another says', () => {
    expect(
      mergeConditions({ emergency: 'a file', relief: undefined }, { emergency: 'a command', frozen: 'a copy' }),
    ).toEqual({
      emergency: 'a file',
      frozen: 'a copy',
    })
    expect(mergeConditions({ emergency: 'a file' }, { emergency: undefined })).toEqual({ emergency: 'a file' })
  })

  test('a configured agent is held back by what the board says, beside its own emergency stop file', async () => {
    const config = join(directory, 'agent.yaml')
    await writeFile(config, `kill_switch:\n  emergency_stop_file: ${directory}/STOP\n`, { mode: 0o600 })
    const board = createLiveBoard()
    const agent = await openConfiguredLocalAgent({
      stateDirectory: join(directory, 'state'),
      config,
      purpose: 'a test',
      live: () => board.conditions(),
    })
    const caller = { actor: { kind: 'user', uid: ownUid, name: 'me' }, owner: true } as const
    const permission = async () => (await agent.as(caller).status()).permission
    try {
      expect((await permission()).runApproved).toBe(true)
      board.set('selfTest', 'the sandbox does not hold')
      expect(await permission()).toMatchObject({ propose: true, runApproved: false })
      board.set('emergency', 'a watchdog stopped it')
      expect((await permission()).propose).toBe(false)
      board.set('emergency', undefined)
      await writeFile(join(directory, 'STOP'), '')
      const { propose, restrictions } = await permission()
      expect(propose).toBe(false)
      expect(restrictions.map(({ rule }) => rule)).toEqual(['emergency', 'self-test'])
    } finally {
      await agent.close()
    }
  })
})

describe('maintenance', () => {
  test('a critical task that is due and not done is overdue, the oldest is named', async () => {
    expect(await overdueWith([task({}), task({ task: 'older', due: '2026-02-01T00:00:00+01:00' })])).toBe(
      'the critical maintenance task older was due 2026-02-01T00:00:00+01:00 and 1 more',
    )
  })

  test('what is done, not critical or not due yet is not', async () => {
    const fine = [task({ done: true }), task({ critical: false }), task({ due: '2026-03-01T12:00:01Z' })]
    expect(await overdueWith(fine)).toBeUndefined()
    expect(await overdueWith([])).toBeUndefined()
  })

  test.each([
    ['another schema', [], 'janus.maintenance/2'],
    ['a day that there is not', [task({ due: '2026-13-45T00:00:00Z' })], undefined],
    ['a time without its offset', [task({ due: '2026-03-01T12:00:01' })], undefined],
    ['a key that is not known', [task({ priority: 1 })], undefined],
  ])('%s counts as overdue', async (_what, tasks, schema) => {
    expect(await overdueWith(tasks, schema)).toBe(`${file} is not a file of maintenance tasks`)
  })

  test('a file that others may write, a link, a directory and none at all count as overdue', async () => {
    await overdueWith([])
    await chmod(file, 0o666)
    expect(overdueMaintenance(settings, now, ownUid)).toBe(`${file} may be written by others`)
    await chmod(file, 0o600)
    // Somebody else's, who is not root.
    expect(overdueMaintenance(settings, now, ownUid === 0 ? 0 : ownUid + 1)).toBe(
      ownUid === 0 ? undefined : `${file} may be written by others`,
    )
    const link = join(directory, 'link')
    await symlink(file, link)
    const of = (path: string) =>
      overdueMaintenance({ controls: { ...settings.controls, maintenance_file: path } }, now, ownUid)
    expect(of(link)).toBe(`${link} cannot be read: ELOOP`)
    expect(of(directory)).toBe(`${directory} is no file, or too large`)
    expect(of(`${directory}/none`)).toBe(`${directory}/none cannot be read: ENOENT`)
  })
})
