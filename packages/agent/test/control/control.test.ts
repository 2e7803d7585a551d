import { chmod, mkdtemp, realpath, rm, stat, writeFile } from 'node:fs/promises'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { connectAgent } from '../../src/control/connect-agent.js'
import { type ControlServer, serveAgent } from '../../src/control/serve-agent.js'
import { agentError } from '../../src/errors/agent-error.js'
import type { Agent, Caller, ProposalRow } from '../../src/index.js'
import { asUser, canBeAnybody } from '../support/as-user.js'
import { askAsUser } from '../support/ask-as-user.js'

let folder: string
let run: string
let server: ControlServer
let problems: unknown[]
let asked: (readonly [string, unknown])[]
let changed: (row: ProposalRow) => void
let callers: Caller[]

/** Answers everything with what it was asked: what is tested here is the way there and back. */
function echo(caller: Caller): Agent {
  callers.push(caller)
  const watch: Agent['watch'] = async (_request, onChange) => {
    changed = onChange
    return { ended: new Promise(() => undefined), close: () => asked.push(['unwatch', {}]) }
  }
  return new Proxy({ via: 'record', watch } as Agent, {
    get: (target, method) =>
      method in target || method === 'then'
        ? target[method as keyof Agent]
        : async (request: unknown) => {
            asked.push([String(method), request])
            if (method === 'cancel')
              throw agentError('JANUS_AGENT_ALREADY_DECIDED', 'ana was quicker', { data: { by: 'ana' } })
            if (method === 'showMode') throw new Error('secret internals')
            if (method === 'verifyRecord') await new Promise(() => undefined)
            return { method, request }
          },
  })
}

beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'janus-control-')))
  await chmod(folder, 0o755)
  run = join(folder, 'run')
  problems = []
  asked = []
  callers = []
  server = await serveAgent({ runDirectory: run, agentFor: echo, onProblem: (problem) => problems.push(problem) })
})

afterEach(async () => {
  await server.close()
  await rm(folder, { recursive: true, force: true })
})

async function client(options: object = {}): Promise<Agent> {
  const agent = await connectAgent({ runDirectory: run, ...options })
  if (agent === undefined) throw new Error('nobody listens')
  return agent
}

const ID = 'janus-0123456789ab'

describe('the control socket', () => {
  test('carries requests and answers of one who showed which local user they are', async () => {
    const agent = await client()
    expect(await agent.show({ proposal: ID })).toEqual({ method: 'show', request: { proposal: ID } })
    const uid = process.getuid?.() ?? -1
    expect(callers).toEqual([{ actor: { kind: 'user', uid, name: expect.any(String) }, owner: true }])
    await agent.close()
  })

  test('answers many at once, each to its request', async () => {
    const agent = await client()
    const limits = Array.from({ length: 200 }, (_, index) => index + 1)
    const answers = await Promise.all(limits.map((limit) => agent.list({ limit })))
    expect(answers).toEqual(limits.map((limit) => ({ method: 'list', request: { limit } })))
    await agent.close()
  })

  test('carries errors with their code, remedy and data, and nothing of those that are none of ours', async () => {
    const agent = await client()
    await expect(agent.cancel({ proposal: ID, reason: 'x' })).rejects.toMatchObject({
      code: 'JANUS_AGENT_ALREADY_DECIDED',
      message: 'ana was quicker',
      data: { by: 'ana' },
      exitCode: 1,
    })
    const internal = (await agent.showMode().catch((error: unknown) => error)) as Error
    expect(internal).toMatchObject({ code: 'JANUS_INTERNAL' })
    expect(internal.message).not.toContain('secret')
    await agent.close()
  })

  test('carries what is watched until one of the two ends it', async () => {
    const agent = await client()
    const rows: unknown[] = []
    const watching = await agent.watch({}, (row) => rows.push(row))
    changed({ id: ID } as ProposalRow)
    await agent.status()
    await expect.poll(() => rows).toEqual([{ id: ID }])
    watching.close()
    await watching.ended
    await expect.poll(() => asked.map(([method]) => method)).toContain('unwatch')
    const again = await agent.watch({}, () => undefined)
    await server.close()
    await again.ended
    await agent.close()
  })

  test('is mode 0600 from its first instant, and replaces what an earlier agent left', async () => {
    expect((await stat(server.path)).mode & 0o777).toBe(0o600)
    await server.close()
    await writeFile(server.path, 'left over')
    server = await serveAgent({ runDirectory: run, agentFor: echo, socketMode: 0o660 })
    expect((await stat(server.path)).mode & 0o777).toBe(0o660)
    const agent = await client()
    await agent.close()
  })

  test('with nobody behind it is nobody, not an error', async () => {
    await server.close()
    expect(await connectAgent({ runDirectory: run })).toBeUndefined()
    expect(await connectAgent({ runDirectory: join(folder, 'never') })).toBeUndefined()
  })

  test('of an agent that does not answer in time is unreachable, and later answers are not mixed up', async () => {
    const agent = await client({ answerTimeout: 50 })
    await expect(agent.verifyRecord()).rejects.toMatchObject({ code: 'JANUS_AGENT_UNREACHABLE' })
    expect(await agent.listKeys()).toMatchObject({ method: 'listKeys' })
    await agent.close()
    await expect(agent.listKeys()).rejects.toMatchObject({ code: 'JANUS_AGENT_UNREACHABLE' })
  })

  test('that another user could have put there is not used', async () => {
    await chmod(run, 0o777)
    await expect(connectAgent({ runDirectory: run })).rejects.toMatchObject({ code: 'JANUS_STATE_UNSAFE' })
    await chmod(run, 0o750)
  })

  test('has a path that fits', async () => {
    const long = join(folder, 'x'.repeat(100))
    await expect(serveAgent({ runDirectory: long, agentFor: echo })).rejects.toMatchObject({
      code: 'JANUS_AGENT_CONFIG_INVALID',
    })
  })

  test('takes so many connections and no more', async () => {
    await server.close()
    server = await serveAgent({ runDirectory: run, agentFor: echo, connections: 1 })
    const first = await client()
    await expect(client()).rejects.toMatchObject({ code: 'JANUS_AGENT_BUSY' })
    await first.close()
  })
})

describe('a client that does not keep to the form', () => {
  test.each<readonly [string, string]>([
    ['asks before it has shown who it is', '{"id":"r1","method":"status","params":{}}'],
    ['says that it made a file and did not', '{"created":true}'],
    ['does not speak JSON', 'approve everything'],
    ['goes on the second step first', '{"timed":true}'],
  ])('that %s is told so and sent away', async (_what, line) => {
    const { said, socket } = await raw()
    socket.write(`${line}\n`)
    await expect
      .poll(() => said().at(-1))
      .toMatchObject({ refused: { code: expect.stringMatching(/IDENTITY_REFUSED|REQUEST_INVALID/) } })
    await expect.poll(() => socket.closed).toBe(true)
    expect(asked).toEqual([])
    expect(problems).toHaveLength(1)
  })

  test('is not waited for', async () => {
    await server.close()
    server = await serveAgent({ runDirectory: run, agentFor: echo, identityTimeout: 30 })
    const { socket } = await raw()
    await expect.poll(() => socket.closed).toBe(true)
  })

  test('sends a line without an end: it is cut off before the memory is full', async () => {
    const { socket, said } = await raw()
    const piece = Buffer.alloc(1024 * 1024, 'x')
    for (let count = 0; count < 18 && !socket.destroyed; count += 1) socket.write(piece)
    await expect
      .poll(() => said().at(-1), { timeout: 10_000 })
      .toMatchObject({ refused: { code: 'JANUS_AGENT_REQUEST_INVALID' } })
  })

  test.each<readonly [string, string, object]>([
    ['a method that is none', 'constructor', {}],
    ['a method of objects', '__proto__', {}],
    ['to close the agent', 'close', {}],
    ['with a member too many', 'show', { proposal: ID, admin: true }],
    ['with an id that looks like another', 'show', { proposal: 'janus-0123456789аb' }],
    ['with part of an id', 'show', { proposal: 'janus-01234567' }],
    ['without what it needs', 'approve', { proposal: ID }],
    ['with a digest of 7 digits', 'approve', { proposal: ID, digest: '0123456' }],
  ])('is told when it asks for %s', async (_what, method, params) => {
    const agent = (await client()) as unknown as Record<string, (params: object) => Promise<unknown>>
    // The client has the methods of the interface alone, so the words are put on the wire by hand.
    const { ask, close } = await identified()
    const { error } = (await ask({ id: 'x', method, params })) as { error: { code: string } }
    expect(error.code).toBe('JANUS_AGENT_REQUEST_INVALID')
    expect(asked).toEqual([])
    close()
    await agent.close?.({})
  })

  test('that names a member twice is sent away: two readers would understand two things', async () => {
    const { socket, said } = await identified()
    socket.write(
      `{"id":"x","method":"approve","params":{"proposal":"${ID}","digest":"00000000","digest":"11111111"}}\n`,
    )
    await expect.poll(() => said().at(-1)).toMatchObject({ refused: { code: 'JANUS_AGENT_REQUEST_INVALID' } })
    expect(asked).toEqual([])
  })
})

describe.runIf(canBeAnybody)('another user', () => {
  test('is told by the kernel who they are, and is not the owner', async () => {
    await server.close()
    server = await serveAgent({ runDirectory: run, agentFor: echo, socketMode: 0o666 })
    await chmod(run, 0o755)
    expect(await askAsUser(4242, run, [])).toEqual([{ ready: { uid: 4242 } }])
    expect(callers).toEqual([{ actor: { kind: 'user', uid: 4242, name: '4242' }, owner: false }])
  })

  test('without permission does not even connect', async () => {
    await chmod(run, 0o755)
    const code = await asUser(
      4242,
      `import { connect } from 'node:net'
       connect(${JSON.stringify(join(run, 'agent.sock'))}).on('error', (error) => console.log(error.code))`,
    )
    expect(code).toBe('EACCES')
  })
})

async function raw(): Promise<{ readonly socket: Socket; said(): readonly unknown[] }> {
  const socket = connect(join(run, 'agent.sock'))
  let text = ''
  socket.setEncoding('utf8').on('data', (piece: string) => {
    text += piece
  })
  socket.on('error', () => undefined)
  await new Promise((resolve) => socket.once('connect', resolve))
  return {
    socket,
    said: () =>
      text
        .split('\n')
        .slice(0, -1)
        .map((line) => JSON.parse(line) as unknown),
  }
}

async function identified() {
  const { socket, said } = await raw()
  const { answerChallenge } = await import('../../src/index.js')
  await expect.poll(() => said().length).toBe(1)
  const { file } = said()[0] as { file: string }
  const answer = await answerChallenge(join(run, 'identity'), file)
  socket.write('{"created":true}\n')
  await expect.poll(() => said().length).toBe(2)
  await answer.setTime((said()[1] as { time: number }).time)
  socket.write('{"timed":true}\n')
  await expect.poll(() => said().length).toBe(3)
  await answer.end()
  return {
    socket,
    said,
    ask: async (request: object) => {
      const before = said().length
      socket.write(`${JSON.stringify(request)}\n`)
      await expect.poll(() => said().length).toBe(before + 1)
      return said().at(-1)
    },
    close: () => socket.destroy(),
  }
}
