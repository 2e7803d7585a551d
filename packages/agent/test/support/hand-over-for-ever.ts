// A process of its own: stages or takes missions for ever, and is killed at some point of that.
import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import { createMissionTaker, missionPayload, readAcknowledgement, stageMission } from '../../src/index.js'
import { writeOwnFile } from './write-own-file.js'

const { role, folder, handOver, log, from } = JSON.parse(process.argv[2] ?? '') as {
  readonly role: 'stage' | 'take'
  readonly folder: string
  readonly handOver: string
  /** Gets a line for each payload that this process knows to be staged or taken. */
  readonly log: string
  /** Number of the first mission. */
  readonly from: number
}
const clock = { now: () => new Date() }
const told = (line: string): void => appendFileSync(log, `${line}\n`)

if (role === 'take') {
  const taker = createMissionTaker({ stateDirectory: handOver, clock, tell: ({ event }) => told(event) })
  for (;;) {
    const taken = await taker.take()
    if (taken !== undefined) told(`taken ${taken.digest}`)
  }
}

for (let number = from; ; number += 1) {
  const file = join(folder, 'mission.yaml')
  await writeOwnFile(file, `mission_id: mission-${number}\nobjective: The one with the number ${number}\n`)
  const payload = await missionPayload(file, clock)
  told(`staging ${payload.digest}`)
  await stageMission(handOver, payload)
  told(`staged ${payload.digest}`)
  while ((await readAcknowledgement(handOver, payload.digest)) === undefined)
    await new Promise((resolve) => setTimeout(resolve, 1))
  told(`acknowledged ${payload.digest}`)
}
