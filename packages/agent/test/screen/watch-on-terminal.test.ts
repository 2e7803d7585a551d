import { mkdtemp, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createSystemClock, generateKey, type LocalAgent } from '../../src/index.js'
import { put } from '../support/decision-context.js'
import { localAgent } from '../support/local-agent.js'
import { sampleProposal } from '../support/sample-proposal.js'
import { CONTROLS } from '../support/screen-samples.js'
import { runWatch } from '../support/terminal-run.js'

const LEAVE = '\u001b[0m\u001b[?25h\u001b[?1049l'

let folder: string
let directory: string
let daemon: LocalAgent

beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'janus-watch-')))
  directory = join(folder, 'state')
  daemon = await localAgent(directory, { controls: () => CONTROLS })
  await daemon.serve()
})

afterEach(async () => {
  await daemon.close()
  await rm(folder, { recursive: true, force: true })
})

describe('the screen on a real terminal', () => {
  test('shows what waits, follows what comes, approves by the digest of the card and rejects with a reason', async () => {
    const first = await put(daemon.record, sampleProposal())
    const screen = runWatch(directory, [])
    await screen.shows('1 of 2 runs, 3 waiting')
    await screen.shows('PENDING (1)')
    await screen.shows(`> ${first.id}`)
    const second = await put(
      daemon.record,
      sampleProposal({ content: { rationale: 'Hostile \u001b[2J\u001b]0;title\u0007 rationale of some length' } }),
    )
    await screen.shows('PENDING (2)')
    screen.type('a')
    await screen.shows('Approve what is shown')
    screen.type('\u001b[6~')
    await screen.shows('WHAT WOULD RUN')
    screen.type('\u001b[F')
    await screen.shows(first.digest)
    screen.type('ffffffff\r')
    await screen.shows('these are not the first 8 characters')
    screen.type(`${'\u007f'.repeat(8)}${first.digest.slice(0, 8)}\r`)
    await screen.shows(`${first.id} is approved`)
    expect(daemon.record.state.open.get(first.id)?.status).toBe('approved')
    await screen.shows('PENDING (1)')
    screen.type('r')
    await screen.shows('Reject it. Why:')
    screen.type('Nobody needs it\r')
    await screen.shows(`${second.id} is rejected`)
    expect(daemon.record.state.ended.get(second.id)?.reason?.text).toContain('Nobody needs it')
    await screen.shows('nothing waits for a decision')
    screen.type('q')
    await screen.shows('ENDED {"decisions":2} raw:false')
    expect(await screen.ended).toBe(0)
    expect(screen.written()).toContain(LEAVE)
    expect(screen.written()).not.toContain('\u001b]0;title')
  })

  test('is drawn again when the terminal is resized', async () => {
    const screen = runWatch(directory, [])
    await screen.shows('\u001b[24;1H')
    await screen.signal('SIGUSR2')
    await screen.shows('\u001b[2J')
    await screen.shows('\u001b[12;1H')
    screen.type('\u0003')
    expect(await screen.ended).toBe(0)
  })

  test.each([
    ['a signal', 'SIGTERM', 'ENDED {"decisions":0} raw:false'],
    ['a crash', 'SIGUSR1', 'the screen crashed'],
  ] as const)('gives the terminal back after %s, before anything else is printed', async (_what, name, said) => {
    const screen = runWatch(directory, [])
    await screen.shows('PENDING')
    await screen.signal(name)
    await screen.shows(LEAVE)
    await screen.shows(said)
    await screen.ended
  })

  test('says that the agent is gone, and finds it when it is there again', async () => {
    const screen = runWatch(directory, [])
    await screen.shows('1 of 2 runs, 3 waiting')
    await daemon.close()
    await screen.shows('NOT CONNECTED')
    await screen.shows('no agent is running here')
    daemon = await localAgent(directory)
    await put(daemon.record, sampleProposal())
    await daemon.serve()
    await screen.shows('PENDING (1)')
    screen.type('q')
    expect(await screen.ended).toBe(0)
  })

  test('with NO_COLOR sets no attribute', async () => {
    const screen = runWatch(directory, [], { env: { NO_COLOR: '1' } })
    await screen.shows('PENDING')
    screen.type('q')
    await screen.ended
    const attributes = screen
      .written()
      .replaceAll('\u001b', 'ESC')
      .match(/ESC\[[\d;]*m/g)
    // One of leaving: whatever was set before, the shell gets it plain.
    expect(attributes).toEqual(['ESC[0m'])
  })

  test('decides with --key as the holder of the key', async () => {
    await daemon.close()
    // What is signed is signed now, by the clock of this machine.
    daemon = await localAgent(directory, { clock: createSystemClock() })
    await daemon.serve()
    const file = join(folder, 'ben.key')
    const { keyId, publicKey } = await generateKey(file)
    await daemon.record.commit(() => ({
      events: [
        {
          type: 'key-enrolled',
          payload: {
            key: { keyId, publicKey, name: 'Ben', roles: ['approver'] },
            by: { kind: 'system', name: 'a test' },
            bootstrap: true,
          },
        },
      ],
      answer: undefined,
    }))
    const { id, digest } = await put(daemon.record, sampleProposal())
    const screen = runWatch(directory, ['--key', file])
    await screen.shows(`> ${id}`)
    screen.type('a')
    await screen.shows('Approve what is shown')
    screen.type(`${digest}\r`)
    await screen.shows(`${id} is approved`)
    expect(daemon.record.state.open.get(id)?.decisions[0]?.by).toMatchObject({ kind: 'key', keyId })
    screen.type('q')
    await screen.ended
  })
})

describe('without a terminal', () => {
  test('the screen is refused with what to do instead', async () => {
    const run = runWatch(directory, [], { terminal: false })
    expect(await run.ended).toBe(1)
    expect(run.written()).toContain('JANUS_USAGE: a screen needs a terminal')
    expect(run.written()).toContain('janus agent watch --once')
  })

  test('--once prints one picture as text, also where no agent runs', async () => {
    const { id } = await put(daemon.record, sampleProposal())
    const run = runWatch(directory, ['--once'], { terminal: false })
    expect(await run.ended).toBe(0)
    expect(run.written()).toContain(`> ${id}`)
    expect(run.written()).not.toContain('\u001b')
    await daemon.close()
    const alone = runWatch(directory, ['--once'], { terminal: false })
    expect(await alone.ended).toBe(0)
    expect(alone.written()).toContain(`> ${id}`)
    expect(alone.written()).toContain('no executor runs here')
  })

  test('a screen where no agent runs does not open the record itself', async () => {
    await daemon.close()
    const run = runWatch(directory, [])
    expect(await run.ended).toBe(1)
    expect(run.written()).toContain('JANUS_AGENT_UNREACHABLE: no agent is running here')
    expect(run.written()).not.toContain('\u001b[?1049h')
  })
})
