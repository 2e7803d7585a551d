import { chmod, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createServerModel, type ServerModelSettings } from '../../src/index.js'
import { modelEndpoint } from '../../src/thinking/model-endpoint.js'
import { type FaultServer, startFaultServer } from '../support/fault-server.js'

const KEY = 'sk-canary-0123456789'
let folder: string
let server: FaultServer

beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'janus-server-model-')))
  server = await startFaultServer()
})

afterEach(async () => {
  await server.close()
  await rm(folder, { recursive: true, force: true })
})

const QUESTION = {
  messages: [{ role: 'user', content: 'What now?' }],
  temperature: 0.2,
  mostTokens: 100,
  signal: new AbortController().signal,
} as const

function model(more: Partial<ServerModelSettings> = {}, env: Readonly<Record<string, string>> = {}) {
  const settings: ServerModelSettings = {
    kind: 'server',
    baseUrl: server.baseUrl,
    model: 'qwen3',
    allowedHosts: [],
    apiKey: undefined,
    stream: false,
    deadlines: { connect: 30_000, firstByte: 30_000, total: 30_000 },
    mostReplyBytes: 65_536,
    mostTokens: 512,
    ...more,
  }
  return createServerModel(settings, { env, monotonic: () => performance.now() })
}

describe('a server of a model', () => {
  test.each([false, true])('is asked once, with stream %j, and what it says is the answer', async (stream) => {
    server.script({ kind: 'text', text: '{"proposals":[]} € 🐧' })
    const answer = await model({ stream }).ask(QUESTION)
    expect(answer).toMatchObject({
      text: '{"proposals":[]} € 🐧',
      usage: { promptTokens: 11, completionTokens: 7, bytes: expect.any(Number) },
    })
    expect(server.asked).toHaveLength(1)
    expect(server.asked[0]).toMatchObject({
      path: '/v1/chat/completions',
      body: {
        model: 'qwen3',
        messages: QUESTION.messages,
        temperature: 0.2,
        max_tokens: 100,
        stream,
        response_format: { type: 'json_object' },
      },
    })
    expect(server.asked[0]?.headers).not.toHaveProperty('authorization')
  })

  test('that answers at once although it was asked piece by piece is understood', async () => {
    server.script({ kind: 'body', body: JSON.stringify({ choices: [{ message: { content: 'whole' } }] }) })
    expect(await model({ stream: true }).ask(QUESTION)).toMatchObject({ text: 'whole' })
  })

  test('is not asked again after anything that it may have understood', async () => {
    for (const behaviour of [
      { kind: 'status', status: 500 },
      { kind: 'status', status: 429 },
      { kind: 'disconnect', when: 'before the head' },
    ] as const) {
      const before = server.connections()
      server.script(behaviour)
      await expect(model().ask(QUESTION)).rejects.toMatchObject({ code: 'JANUS_AGENT_MODEL_UNAVAILABLE' })
      expect(server.connections() - before).toBe(1)
    }
  })

  test('that refuses the connection is tried once more, and that is all', async () => {
    const { port } = await new Promise<{ port: number }>((resolve) => {
      const closed = createServer().listen(0, '127.0.0.1', () => {
        const address = closed.address() as { port: number }
        closed.close(() => resolve(address))
      })
    })
    await expect(model({ baseUrl: `http://127.0.0.1:${port}/v1` }).ask(QUESTION)).rejects.toMatchObject({
      code: 'JANUS_AGENT_MODEL_UNAVAILABLE',
      data: { kind: 'connect' },
      message: expect.stringContaining('ECONNREFUSED'),
    })
  })
})

describe('attack 26: the key for a server', () => {
  test('is read from its file for each question, goes into the header and nowhere else', async () => {
    const file = join(folder, 'key')
    await writeFile(file, `${KEY}\n`, { mode: 0o600 })
    const keyed = model({ apiKey: { file } })
    server.script({ kind: 'text', text: 'x' })
    await keyed.ask(QUESTION)
    expect(server.asked[0]?.headers.authorization).toBe(`Bearer ${KEY}`)
    expect(JSON.stringify([server.asked[0]?.body, keyed.name])).not.toContain(KEY)
    expect(process.argv.join(' ')).not.toContain(KEY)
  })

  test('is read from the variable that is named', async () => {
    server.script({ kind: 'text', text: 'x' })
    await model({ apiKey: { variable: 'MODEL_KEY' } }, { MODEL_KEY: KEY }).ask(QUESTION)
    expect(server.asked[0]?.headers.authorization).toBe(`Bearer ${KEY}`)
  })

  test('is not repeated from a server that repeats it', async () => {
    server.script({ kind: 'status', status: 401, body: `{"error":"${KEY} is no key: ${KEY}"}` })
    const refused = await model({ apiKey: { variable: 'K' } }, { K: KEY })
      .ask(QUESTION)
      .catch((error: unknown) => error)
    expect(refused).toMatchObject({ data: { kind: 'status' }, message: expect.stringContaining('is no key') })
    expect(`${String(refused)}${JSON.stringify(refused)}`).not.toContain(KEY)
  })

  test.each([
    ['that is not there', async () => undefined],
    ['that others may read', async (file: string) => writeFile(file, KEY, { mode: 0o644 })],
    ['that is empty', async (file: string) => writeFile(file, '\n', { mode: 0o600 })],
    ['that holds a line break', async (file: string) => writeFile(file, `${KEY}\nX-Evil: 1`, { mode: 0o600 })],
    ['that is huge', async (file: string) => writeFile(file, 'x'.repeat(100_000), { mode: 0o600 })],
    [
      'that others may write',
      async (file: string) => {
        await writeFile(file, KEY)
        await chmod(file, 0o622)
      },
    ],
  ])('from a file %s is refused, and the server is not asked', async (_what, prepare) => {
    const file = join(folder, 'key')
    await prepare(file)
    const refused = await model({ apiKey: { file } })
      .ask(QUESTION)
      .catch((error: unknown) => error)
    expect(refused).toMatchObject({ code: expect.stringMatching(/^JANUS_(AGENT_MODEL_UNAVAILABLE|STATE_UNSAFE)$/) })
    expect(`${String(refused)}${JSON.stringify(refused)}`).not.toContain(KEY)
    expect(server.connections()).toBe(0)
  })
})

describe('the address of a model', () => {
  const endpoint = (baseUrl: string, allowedHosts: readonly string[] = [], hasKey = false) =>
    modelEndpoint({ baseUrl, allowedHosts, hasKey })

  test.each([
    'http://127.0.0.1:8080/v1',
    'http://127.9.9.9/v1/',
    'http://[::1]:1/v1',
    'http://localhost/v1',
    'https://localhost/v1',
  ])('%s is this host, and permitted', (baseUrl) => {
    expect(endpoint(baseUrl)).toMatchObject({ isLoopback: true })
  })

  test.each([
    ['another host', 'http://models.test/v1'],
    ['an address of the network', 'http://10.0.0.1/v1'],
    ['a number that is an address', 'http://2852039166/v1'],
    ['an address in octal', 'http://0251.0376.0251.0376/v1'],
    ['a host that begins like this one', 'http://localhost.evil.test/v1'],
    ['a host that ends like this one', 'http://evil-localhost/v1'],
    ['any address of this host', 'http://0.0.0.0/v1'],
    ['an IPv4 address within IPv6', 'http://[::ffff:10.0.0.1]/v1'],
    ['a file', 'file:///etc/passwd'],
    ['no address', 'models'],
  ])('that is %s is refused unless the configuration allows it', (_what, baseUrl) => {
    expect(() => endpoint(baseUrl)).toThrow(
      expect.objectContaining({ code: 'JANUS_AGENT_MODEL_UNAVAILABLE', data: { kind: 'address' } }),
    )
  })

  test.each(['169.254.169.254', '100.100.100.200', '0.0.0.0', '224.0.0.1', 'fe80::1', 'fd00:ec2::254'])(
    'that is %s is refused although the configuration allows it',
    (host) => {
      const baseUrl = `http://${host.includes(':') ? `[${host}]` : host}/v1`
      expect(() => endpoint(baseUrl, [host])).toThrow(expect.objectContaining({ data: { kind: 'address' } }))
    },
  )

  test('that is allowed by name is taken, with a key only by https', () => {
    expect(endpoint('http://models.test/v1', ['models.test'])).toMatchObject({ isLoopback: false })
    expect(endpoint('https://models.test/v1', ['models.test'], true)).toMatchObject({ isLoopback: false })
    expect(() => endpoint('http://models.test/v1', ['models.test'], true)).toThrow(/without https/)
  })

  test('a name that is allowed and leads to this host is refused when it is looked up', async () => {
    const { lookup } = endpoint('http://localhost.test/v1', ['localhost.test'])
    const answer = await new Promise((resolve) => lookup('localhost', {}, (error) => resolve(error)))
    expect(answer).toMatchObject({
      data: { kind: 'address' },
      message: expect.stringMatching(/leads to (127\.0\.0\.1|::1)/),
    })
  })
})
