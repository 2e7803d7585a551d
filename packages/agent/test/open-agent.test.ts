import { cp, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { openAgentToRead } from '../src/local/read-local-agent.js'
import { openAgent } from '../src/open-agent.js'
import { agentFolder, ana } from './support/agent-folder.js'
import { put } from './support/decision-context.js'
import { localOptions } from './support/local-agent.js'
import { sampleProposal } from './support/sample-proposal.js'

const place = agentFolder()

describe('whoever only looks', () => {
  const look = (path = place.directory) => openAgentToRead(localOptions(path), ana)

  test('at a record that never was creates nothing', async () => {
    const agent = await look(join(place.folder, 'never'))
    expect(await agent.list({})).toEqual([])
    expect(await agent.status()).toMatchObject({ recordId: '', lastSeq: 0, frozen: null })
    expect(await readdir(place.folder)).toEqual([])
  })

  test('sees beside the writer what is there, and changes nothing', async () => {
    const writer = await place.open()
    const proposal = await put(writer.record, sampleProposal())
    const agent = await look()
    expect(await agent.show({ proposal: proposal.id })).toMatchObject({ status: 'proposed' })
    expect((await agent.review({ proposal: proposal.id })).card).toContain(proposal.id)
    const refused = { code: 'JANUS_AGENT_NOT_PERMITTED' }
    await expect(agent.approve({ proposal: proposal.id, digest: proposal.digest })).rejects.toMatchObject(refused)
    await expect(agent.reject({ proposal: proposal.id, reason: 'x' })).rejects.toMatchObject(refused)
    await expect(agent.propose({ draft: {} })).rejects.toMatchObject(refused)
    await expect(agent.thaw({ reason: 'x' })).rejects.toMatchObject(refused)
    expect(await agent.status()).toMatchObject({ lastSeq: writer.record.state.lastSeq })
    expect(writer.record.state.open.get(proposal.id)).toMatchObject({ status: 'proposed', revision: 1 })
    expect(await look().then((again) => again.status())).toMatchObject({ lastSeq: writer.record.state.lastSeq })
  })

  test('at a copy is told that it is one', async () => {
    const writer = await place.open()
    await writer.close()
    await cp(place.directory, join(place.folder, 'copy'), { recursive: true })
    expect(await (await look(join(place.folder, 'copy'))).status()).toMatchObject({
      frozen: expect.stringContaining('copied'),
    })
    expect(await (await look()).status()).toMatchObject({ frozen: null })
  })

  test('is connected when there is a daemon, and reads the files when there is none', async () => {
    const options = { stateDirectory: place.directory, openLocal: () => place.open(), openToRead: () => look() }
    const quiet = await openAgent(options)
    expect(quiet.via).toBe('record')
    await quiet.close()
    const daemon = await place.open()
    await daemon.serve()
    const connected = await openAgent(options)
    expect(connected.via).toBe('socket')
    await connected.close()
  })
})

describe('attack 27: two agents on one state directory', () => {
  test('of twelve that start at once one has the record, and who comes later is told which', async () => {
    const outcomes = await Promise.allSettled(Array.from({ length: 12 }, () => place.open()))
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    for (const outcome of outcomes) {
      if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'JANUS_STATE_LOCKED' })
    }
    // The first may not have written yet who it is while the others ask; whoever comes later is told.
    await expect(place.open()).rejects.toMatchObject({
      code: 'JANUS_STATE_LOCKED',
      data: { holder: { pid: process.pid, purpose: 'a test' } },
    })
  })
})

describe('whoever opens the agent', () => {
  const reach = () => openAgent({ stateDirectory: place.directory, openLocal: () => place.open() })

  test('has the record open when nobody else has', async () => {
    const agent = await reach()
    expect(agent.via).toBe('record')
    expect(await agent.status()).toMatchObject({ process: { pid: process.pid, purpose: 'a test' } })
    await agent.close()
  })

  test('is connected when another process serves it, as the user that the kernel knows', async () => {
    const daemon = await place.open()
    await daemon.serve()
    const agent = await reach()
    expect(agent.via).toBe('socket')
    const proposal = await put(daemon.record, sampleProposal())
    const { card } = await agent.review({ proposal: proposal.id })
    expect(card).toContain(proposal.id)
    const answer = await agent.approve({ proposal: proposal.id, digest: proposal.digest.slice(0, 8) })
    expect(answer.decision.by).toMatchObject({ kind: 'user', uid: process.getuid?.() })
    await agent.close()
  })

  test('waits for one that has it open for a moment, and says who has it when the moment does not end', async () => {
    const busy = await place.open()
    await expect(
      openAgent({ stateDirectory: place.directory, openLocal: () => place.open(), patience: 50 }),
    ).rejects.toMatchObject({ code: 'JANUS_AGENT_BUSY', message: expect.stringContaining('a test') })
    const waiting = reach()
    await busy.close()
    const agent = await waiting
    expect(agent.via).toBe('record')
    await agent.close()
  })
})
