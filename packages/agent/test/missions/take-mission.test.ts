import { mkdir, mkdtemp, readdir, readFile, realpath, rename, rm, stat, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  createMissionTaker,
  type LogEvent,
  type MissionTaker,
  missionPayload,
  readAcknowledgement,
  stageMission,
} from '../../src/index.js'
import { settableClock } from '../support/settable-clock.js'
import { writeOwnFile } from '../support/write-own-file.js'

const clock = settableClock()
let folder: string
let handOver: string
let told: LogEvent[]
let taker: MissionTaker

beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'janus-hand-over-')))
  handOver = join(folder, 'hand-over')
  await mkdir(handOver)
  told = []
  taker = createMissionTaker({ stateDirectory: handOver, clock, tell: (event) => told.push(event) })
})

afterEach(() => rm(folder, { recursive: true, force: true }))

async function staged(id: string) {
  const file = join(folder, `${id}.yaml`)
  await writeOwnFile(file, `mission_id: ${id}\nobjective: Do ${id}\n`)
  const payload = await missionPayload(file, clock)
  await stageMission(handOver, payload)
  return payload
}

const names = async (): Promise<readonly string[]> => (await readdir(handOver)).toSorted()
const events = (): readonly string[] => told.map(({ event }) => event)

describe('a mission that is handed over', () => {
  test('becomes the current one, is acknowledged, and leaves nothing behind that could be taken again', async () => {
    const payload = await staged('one')
    const taken = await taker.take()
    expect(taken).toMatchObject({ digest: payload.digest, mission: { id: 'one', directory: folder } })
    expect(await readFile(join(handOver, 'current_mission.json'))).toEqual(Buffer.from(payload.bytes))
    expect(await readAcknowledgement(handOver, payload.digest)).toMatchObject({
      missionId: 'one',
      status: 'acknowledged',
      at: clock.now().toISOString(),
    })
    expect(await names()).toEqual(['current_mission.json', 'mission_ack.json'])
    expect(await taker.take()).toBeUndefined()
    expect(events()).toEqual(['mission.transition.detected', 'mission.transition.applied'])
  })

  test('is taken without the signal too: the payload is whole or not there', async () => {
    await staged('one')
    await rm(join(handOver, 'mission_transition_signal'))
    expect((await taker.take())?.mission.id).toBe('one')
  })

  test('a signal that comes behind its payload tells nothing new', async () => {
    await staged('one')
    const signal = join(handOver, 'mission_transition_signal')
    await rename(signal, join(folder, 'late'))
    await taker.take()
    await rename(join(folder, 'late'), signal)
    expect(await taker.take()).toBeUndefined()
    expect(events()).not.toContain('mission.transition.missing_payload')
    expect(await names()).toEqual(['current_mission.json', 'mission_ack.json'])
  })

  test('a signal without a payload is told once', async () => {
    await writeOwnFile(join(handOver, 'mission_transition_signal'), '')
    await taker.take()
    await taker.take()
    expect(events()).toEqual(['mission.transition.missing_payload'])
  })

  test('one that is staged while another is taken is not deleted with it', async () => {
    const first = await staged('first')
    // As a crash leaves it: out of the way of newer ones, and not yet current.
    await rename(join(handOver, 'next_mission.json'), join(handOver, 'taken_mission.json'))
    const second = await staged('second')
    expect((await taker.take())?.digest).toBe(first.digest)
    expect(await readFile(join(handOver, 'next_mission.json'))).toEqual(Buffer.from(second.bytes))
    expect((await taker.take())?.digest).toBe(second.digest)
  })

  const invalid: readonly (readonly [string, string])[] = [
    ['a list', '[1, 2]'],
    ['no JSON', '{'],
    ['no id', '{"objective":"x"}'],
    ['two ids', '{"id":"a","mission_id":"b","objective":"x"}'],
    ['one member twice', '{"id":"a","id":"b","objective":"x"}'],
    ['an id that is a path', '{"id":"../../etc","objective":"x"}'],
    ['a base that is no path', '{"id":"a","objective":"x","base_directory":"../.."}'],
    ['brackets without end', '['.repeat(100_000)],
    ['too much', JSON.stringify({ id: 'a', objective: 'x'.repeat(300_000) })],
  ]

  test.each(invalid)('that is %s is put into quarantine once, rejected, and told once', async (_what, text) => {
    await staged('good')
    await taker.take()
    told.length = 0
    for (let times = 0; times < 3; times += 1) {
      await writeOwnFile(join(handOver, 'next_mission.json'), text)
      expect(await taker.take()).toBeUndefined()
      expect(await taker.take()).toBeUndefined()
    }
    expect(events().filter((event) => event.endsWith('invalid_payload'))).toHaveLength(1)
    expect(JSON.parse(await readFile(join(handOver, 'current_mission.json'), 'utf8'))).toMatchObject({
      mission_id: 'good',
    })
    expect(await names()).toEqual(['current_mission.json', 'mission_ack.json', 'quarantine'])
  })

  test('that is a link or a FIFO is put into quarantine unread', async () => {
    await writeOwnFile(join(folder, 'secret'), 'mission_id: x\nobjective: y\n')
    await symlink(join(folder, 'secret'), join(handOver, 'next_mission.json'))
    expect(await taker.take()).toBeUndefined()
    expect(events()).toContain('mission.transition.invalid_payload')
    expect(await names()).toEqual(['quarantine'])
  })

  test('is not acknowledged while it could not be made the current one, and is once it can', async () => {
    const payload = await staged('one')
    await mkdir(join(handOver, 'current_mission.json', 'in the way'), { recursive: true })
    expect(await taker.take()).toBeUndefined()
    expect(await taker.take()).toBeUndefined()
    expect(await readAcknowledgement(handOver, payload.digest)).toBeUndefined()
    expect(events()).toEqual(['mission.transition.detected', 'mission.transition.write_current_failed'])
    await rm(join(handOver, 'current_mission.json'), { recursive: true })
    expect((await taker.take())?.digest).toBe(payload.digest)
    expect(await readAcknowledgement(handOver, payload.digest)).toMatchObject({ status: 'acknowledged' })
  })

  test('an acknowledgement of another payload is none of this one', async () => {
    await staged('one')
    await taker.take()
    const again = await staged('one')
    expect(await readAcknowledgement(handOver, again.digest)).toBeUndefined()
    await taker.take()
    expect(await readAcknowledgement(handOver, again.digest)).toMatchObject({ status: 'acknowledged' })
  })

  test('its files can be read by everybody and written by their owner alone', async () => {
    await staged('one')
    await taker.take()
    for (const name of await names()) expect((await stat(join(handOver, name))).mode & 0o777).toBe(0o644)
  })
})
