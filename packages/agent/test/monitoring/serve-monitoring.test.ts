import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { connect } from 'node:net'
import { networkInterfaces, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, describe, expect, test } from 'vitest'
import { type Agent, type MonitoringService, type ServeMonitoringOptions, serveMonitoring } from '../../src/index.js'
import { put } from '../support/decision-context.js'
import { localAgent } from '../support/local-agent.js'
import { request, sendRaw } from '../support/raw-http.js'
import { sampleProposal } from '../support/sample-proposal.js'
import { settableClock } from '../support/settable-clock.js'

const directory = await mkdtemp(join(tmpdir(), 'janus-status-'))
const clock = settableClock()
const local = await localAgent(join(directory, 'state'), { clock })
const agent = local.as({ actor: { kind: 'system', name: 'monitoring' }, owner: false })
const services: MonitoringService[] = []

afterEach(async () => {
  for (const service of services.splice(0)) await service.close()
})
afterAll(async () => {
  await local.close()
  await rm(directory, { recursive: true })
})

async function served(more: Partial<ServeMonitoringOptions> = {}) {
  const service = await serveMonitoring({
    agent,
    clock,
    monitoring: { statusApi: { host: '127.0.0.1', port: 0 }, prometheus: undefined },
    stateDirectory: directory,
    healthy: () => true,
    ...more,
  })
  services.push(service)
  const [port = 0] = service.ports
  const token = (await readFile(join(directory, 'status.token'), 'utf8')).trim()
  const auth = `Authorization: Bearer ${token}`
  const host = `Host: 127.0.0.1:${port}`
  return {
    service,
    port,
    token,
    auth,
    host,
    get: (path: string) => sendRaw(port, request(`GET ${path}`, [host, auth])),
  }
}

const statusOf = (answer: string): string => /^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1] ?? 'none'
const bodyOf = (answer: string): string => answer.slice(answer.indexOf('\r\n\r\n') + 4)

describe('the status API', () => {
  test('tells whoever has the token of the state directory what the agent is and does', async () => {
    const { get } = await served({
      sandbox: () => ({ holds: false, because: 'no user namespaces' }),
      breakerOpen: () => true,
      thinking: () => true,
    })
    const answer = await get('/status')
    expect(statusOf(answer)).toBe('200')
    expect(JSON.parse(bodyOf(answer))).toMatchObject({
      schema: 'janus.agent-status/1',
      vessel_id: 'janus-in-balaur',
      operational_mode: 'alpha',
      thinking_cycle_active: true,
      pending_approvals: 0,
      stopped: null,
      sandbox: { holds: false, because: 'no user namespaces' },
      breaker_open: true,
      controls: null,
    })
  })

  test('lists what waits for a person, the oldest first, and nothing in it reaches a terminal that would obey it (attack 13)', async () => {
    const first = await put(
      local.record,
      sampleProposal({ content: { rationale: 'clean \u001b[2J\u009b31m \u202e the disk thoroughly' } }),
    )
    const second = await put(local.record, sampleProposal())
    const { get } = await served()
    const body = bodyOf(await get('/proposals/pending'))
    expect(body).not.toMatch(/[^\n\u0020-\u007e]/)
    const { proposals } = JSON.parse(body) as {
      readonly proposals: readonly { readonly id: string; readonly rationale: string }[]
    }
    expect(new Set(proposals.map(({ id }) => id))).toEqual(new Set([first.id, second.id]))
    expect(proposals.find(({ id }) => id === first.id)?.rationale).toContain('\u001b[2J')
    const rows = await agent.list({ statuses: ['proposed'] })
    const newestFirst = rows.map(({ id }) => id)
    expect(proposals.map(({ id }) => id)).toEqual(newestFirst.toReversed())
  })

  test('the token lies in a file that its owner alone can read, is another at each start and is gone at the end', async () => {
    const one = await served()
    const path = join(directory, 'status.token')
    expect((await stat(path)).mode & 0o777).toBe(0o600)
    await one.service.close()
    await expect(stat(path)).rejects.toThrow('ENOENT')
    expect((await served()).token).not.toBe(one.token)
  })

  test('health says ok or not to anybody, and nothing else', async () => {
    let healthy = true
    const { port, host } = await served({ healthy: () => healthy })
    const health = () => sendRaw(port, request('GET /health', [host]))
    expect([statusOf(await health()), bodyOf(await health())]).toEqual(['200', 'ok\n'])
    healthy = false
    expect([statusOf(await health()), bodyOf(await health())]).toEqual(['503', 'not ok\n'])
  })

  test('listens on the loopback interface only', async () => {
    const { port, host, auth } = await served()
    const others = Object.values(networkInterfaces())
      .flatMap((each) => each ?? [])
      .filter(({ internal, family }) => !internal && family === 'IPv4')
    for (const { address } of others)
      await expect(sendRaw(port, request('GET /status', [host, auth]), { host: address })).rejects.toThrow(
        'ECONNREFUSED',
      )
    await expect(sendRaw(port, request('GET /status', [host, auth]), { host: '::1' })).rejects.toThrow()
  })

  test('a port that is taken is refused with what to do, and no token stays', async () => {
    const { port, service } = await served()
    await service.close()
    const taken = await served()
    const again = serveMonitoring({
      agent,
      clock,
      monitoring: { statusApi: { host: '127.0.0.1', port: taken.port }, prometheus: undefined },
      stateDirectory: join(directory, 'state'),
      healthy: () => true,
    })
    await expect(again).rejects.toMatchObject({ code: 'JANUS_AGENT_STATUS_UNSERVED', data: { port: taken.port } })
    await expect(stat(join(directory, 'state', 'status.token'))).rejects.toThrow('ENOENT')
    expect(port).not.toBe(0)
  })

  test('where neither it nor the metrics are switched on, nothing listens and there is no token', async () => {
    const service = await serveMonitoring({
      agent,
      clock,
      monitoring: { statusApi: undefined, prometheus: undefined },
      stateDirectory: directory,
      healthy: () => true,
    })
    services.push(service)
    expect(service.ports).toEqual([])
    await expect(stat(join(directory, 'status.token'))).rejects.toThrow('ENOENT')
    expect(await service.event()).toMatchObject({ event: 'controls.metrics' })
  })

  test('a port for metrics alone answers nothing else', async () => {
    const { port, host, auth } = await served({
      monitoring: { statusApi: undefined, prometheus: { host: '127.0.0.1', port: 0 } },
    })
    const statuses = ['/metrics', '/health', '/status', '/proposals/pending'].map(async (path) =>
      statusOf(await sendRaw(port, request(`GET ${path}`, [host, auth]))),
    )
    expect(await Promise.all(statuses)).toEqual(['200', '200', '404', '404'])
  })
})

describe('a hostile client of the status API', () => {
  test.each([
    ['without a token', () => []],
    ['with another token', () => ['Authorization: Bearer AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA']],
    ['with an empty token', () => ['Authorization: Bearer ']],
    ['with the token in another scheme', (token: string) => [`Authorization: Basic ${token}`]],
    ['with more than the token', (token: string) => [`Authorization: Bearer ${token}x`]],
    ['with the token in the wrong place', (token: string) => [`Cookie: token=${token}`]],
  ])('%s is told nothing of the agent', async (_how, headers) => {
    const { port, host, token } = await served()
    for (const path of ['/status', '/metrics', '/proposals/pending', '/nothing', '/status?token=1']) {
      const answer = await sendRaw(port, request(`GET ${path}`, [host, ...headers(token)]))
      expect(statusOf(answer)).toBe('401')
      expect(bodyOf(answer)).toBe('the token of the state directory is needed\n')
    }
  })

  test.each([
    ['a page whose name was made to lead here', (port: number) => [`Host: attacker.test:${port}`]],
    ['the host without its port', () => ['Host: 127.0.0.1']],
    ['the host of another port', () => ['Host: 127.0.0.1:1']],
    ['an address that only looks like it', (port: number) => [`Host: 127.0.0.1.attacker.test:${port}`]],
    ['two hosts', (port: number) => [`Host: 127.0.0.1:${port}`, 'Host: attacker.test']],
  ])('%s is refused also with the token', async (_what, headers) => {
    const { port, auth } = await served()
    expect(statusOf(await sendRaw(port, request('GET /status', [...headers(port), auth])))).toBe('421')
    expect(statusOf(await sendRaw(port, request('GET /health', headers(port))))).toBe('421')
  })

  test('without a host is refused', async () => {
    const { port, auth } = await served()
    expect(statusOf(await sendRaw(port, request('GET /status', [auth])))).toBe('400')
  })

  test.each(['POST', 'PUT', 'DELETE', 'HEAD', 'OPTIONS', 'PATCH', 'TRACE'])('%s is not answered', async (method) => {
    const { port, host, auth } = await served()
    const answer = await sendRaw(port, request(`${method} /status`, [host, auth]))
    expect(statusOf(answer)).toBe('405')
    expect(answer).toContain('Allow: GET')
  })

  test('no page of another origin may read an answer, and no browser may make anything else of it', async () => {
    const { port, host, auth } = await served()
    const answer = await sendRaw(port, request('GET /status', [host, auth, 'Origin: https://attacker.test']))
    expect(statusOf(answer)).toBe('200')
    expect(answer.toLowerCase()).not.toContain('access-control')
    expect(answer).toContain('X-Content-Type-Options: nosniff')
    expect(answer).toContain('Cache-Control: no-store')
  })

  test.each([
    '/../status',
    '//status',
    '/status/',
    '/STATUS',
    '/status?x',
    '/%73tatus',
    'http://127.0.0.1/status',
    '/__proto__',
    '/constructor',
  ])('the path %s is none', async (path) => {
    const { get } = await served()
    expect(statusOf(await get(path))).toBe('404')
  })

  test('a body, a chunked one or a second request on the connection is not read', async () => {
    const { port, host, auth } = await served()
    const sent = (more: readonly string[], body: string) =>
      sendRaw(port, request('GET /status', [host, auth, ...more]) + body)
    expect(statusOf(await sent(['Content-Length: 4'], 'body'))).toBe('400')
    expect(statusOf(await sent(['Transfer-Encoding: chunked'], '0\r\n\r\n'))).toBe('400')
    const twice = await sent([], request('GET /status', [host, auth]))
    expect(twice.match(/HTTP\/1\.1/g)).toHaveLength(1)
  })

  test.each([
    ['headers without an end', `GET /status HTTP/1.1\r\nX: ${'a'.repeat(100_000)}\r\n\r\n`, '431'],
    ['what is no HTTP', '\u0016\u0003\u0001\u0000 hello\r\n\r\n', '400'],
    ['a bare newline as the end of a header', 'GET /status HTTP/1.1\nHost: x\n\n', '400'],
    ['HTTP/2 by its preface', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', '400'],
  ])('%s is refused', async (_what, text, status) => {
    const { port } = await served()
    expect(['400', status]).toContain(statusOf(await sendRaw(port, text)))
  })

  test('who sends headers for ever is cut off', async () => {
    const { port } = await served({ timeouts: { headers: 50, answer: 200 } })
    expect(statusOf(await sendRaw(port, 'GET /status HTTP/1.1\r\nHost: 127'))).toBe('408')
  })

  test('who opens connections and says nothing keeps nobody else out once they are cut off', async () => {
    const { port, get } = await served({ timeouts: { headers: 50, answer: 200 } })
    const silent = Array.from({ length: 100 }, () => connect({ port, host: '127.0.0.1' }))
    await Promise.all(
      silent.map(
        (socket) =>
          new Promise((resolve) => {
            socket.on('error', () => undefined)
            socket.resume()
            socket.once('close', resolve)
          }),
      ),
    )
    expect(statusOf(await get('/status'))).toBe('200')
  })

  test('an agent that does not answer, or fails, is told as that and as nothing else', async () => {
    const problems: unknown[] = []
    const hanging: Pick<Agent, 'status' | 'list'> = {
      status: () => new Promise(() => undefined),
      list: () => Promise.reject(new Error('secret path /etc/shadow')),
    }
    const { get } = await served({
      agent: hanging,
      timeouts: { headers: 100, answer: 100 },
      onProblem: (problem) => problems.push(problem),
    })
    for (const path of ['/status', '/proposals/pending']) {
      const answer = await get(path)
      expect([statusOf(answer), bodyOf(answer)]).toEqual(['503', 'the agent does not answer\n'])
    }
    expect(problems).toHaveLength(2)
  })

  test('closing ends connections that are open', async () => {
    let asked: () => void = () => undefined
    const wasAsked = new Promise<void>((resolve) => {
      asked = resolve
    })
    const { port, service, host, auth } = await served({
      agent: {
        status: () => {
          asked()
          return new Promise(() => undefined)
        },
        list: async () => [],
      },
      timeouts: { headers: 600_000, answer: 600_000 },
    })
    const socket = connect({ port, host: '127.0.0.1' })
    socket.write(request('GET /status', [host, auth]))
    await wasAsked
    const ended = new Promise((resolve) =>
      socket
        .resume()
        .on('error', () => undefined)
        .once('close', resolve),
    )
    await service.close()
    await ended
  })
})
