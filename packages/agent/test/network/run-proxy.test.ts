import { createServer } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createRequestBudget } from '../../src/index.js'
import type { RunProxyOptions } from '../../src/network/run-proxy.js'
import { get, openProxy, permitAddress, statusOf, tunnel } from './open-proxy.js'
import { type OutsideServer, openOutside, stillClock } from './test-network.js'

let outside: OutsideServer
beforeAll(async () => {
  outside = await openOutside()
})
afterAll(() => outside.close())

describe('the proxy of a run', () => {
  const domains = (): readonly string[] => [`allowed.test:${outside.port}`]
  const resolve = async (): Promise<readonly string[]> => ['127.0.0.1']
  const open = (more: Partial<RunProxyOptions> = {}) => openProxy({ domains: domains(), permitAddress, resolve }, more)

  test('rebuilds Host and passes on nothing that is for itself', async () => {
    const { say } = await open()
    const request = [
      `POST http://ALLOWED.test.:${outside.port}/a HTTP/1.1`,
      'Host: evil.test',
      'Proxy-Authorization: Basic c2VjcmV0',
      'Proxy-Connection: keep-alive',
      'Connection: close, X-Private, Content-Length',
      'X-Private: 1',
      'Keep-Alive: timeout=5',
      'TE: trailers',
      'Upgrade: websocket',
      'X-Kept: yes',
      'Content-Length: 3',
    ]
    expect(statusOf(await say(`${request.join('\r\n')}\r\n\r\nabc`))).toBe('200')
    const [arrived] = outside.arrived.slice(-1)
    expect(arrived).toMatchObject({ method: 'POST', url: '/a', body: 'abc' })
    expect(arrived?.headers).toEqual([
      ...['Host', `allowed.test:${outside.port}`, 'X-Kept', 'yes', 'Content-Length', '3'],
      ...['Via', '1.1 janus', 'Connection', 'close'],
    ])
  })

  test('passes on a body in chunks, also of a GET', async () => {
    const { say } = await open()
    const target = `http://allowed.test:${outside.port}/`
    expect(statusOf(await say(`${get(target, 'Transfer-Encoding: chunked')}3\r\nabc\r\n0\r\n\r\n`))).toBe('200')
    expect(outside.arrived.at(-1)).toMatchObject({ method: 'GET', body: 'abc' })
  })

  test.each([
    ['two lengths', ['Content-Length: 3', 'Content-Length: 4']],
    ['a length beside chunks', ['Content-Length: 3', 'Transfer-Encoding: chunked']],
    ['an unknown coding', ['Transfer-Encoding: xchunked']],
    ['two codings', ['Transfer-Encoding: gzip, chunked']],
    ['a coding that is hidden', ['Transfer-Encoding:\x0bchunked']],
    ['a space before the colon', ['Content-Length : 3']],
    ['a folded line', ['X-A: b', ' Transfer-Encoding: chunked']],
    ['a bare line feed', ['X-A: b\nTransfer-Encoding: chunked']],
    ['two hosts', ['Host: other.test']],
    ['a length that is no number', ['Content-Length: +3']],
    ['more headers than are read', [`X-A: ${'a'.repeat(20_000)}`]],
  ])('refuses a request with %s, and nothing of it arrives', async (_, headers) => {
    const before = outside.arrived.length
    const { proxy, say } = await open()
    const target = `http://allowed.test:${outside.port}/`
    const smuggled = get(target).replace('GET', 'DELETE')
    const answer = await say(`${get(target, ...headers).replace('GET', 'POST')}0\r\n\r\n${smuggled}`)
    expect(statusOf(answer)).toMatch(/^4/)
    expect(outside.arrived.length).toBe(before)
    expect(proxy.requests().map(({ allowed }) => allowed)).not.toContain(true)
    expect(proxy.requests()).not.toEqual([])
  })

  test('passes on what is sent through a tunnel before it is open', async () => {
    const { proxy, say } = await open()
    const early = 'GET /early HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'
    expect(statusOf(await say(`${tunnel(`allowed.test:${outside.port}`)}${early}`))).toBe('200')
    expect(outside.arrived.at(-1)).toMatchObject({ url: '/early' })
    expect(proxy.requests()).toMatchObject([{ bytesSent: early.length }])
  })

  test('refuses when all runs together have asked too much', async () => {
    const budget = createRequestBudget(stillClock, { perMinute: 1, perHour: 10 })
    const [one, two] = [await open({ budget }), await open({ budget })]
    const request = get(`http://allowed.test:${outside.port}/`)
    expect(statusOf(await one.say(request))).toBe('200')
    expect(statusOf(await two.say(request))).toBe('429')
    expect(two.proxy.requests()).toMatchObject([{ allowed: false, because: '1 requests were made within a minute' }])
  })

  test('ends everything when more bytes passed than may', async () => {
    const { proxy, say } = await open({ limits: { bytes: 100_000 } })
    const target = `http://allowed.test:${outside.port}/`
    await say(get(target, 'Content-Length: 1000000').replace('GET', 'POST') + 'a'.repeat(1_000_000))
    expect(await say(get(target))).toBe('')
    const [row] = proxy.requests()
    expect(row?.because).toContain('more than 100000 bytes')
    expect(row?.bytesSent).toBeLessThan(400_000)
  })

  test('keeps a bounded number of rows', async () => {
    const { proxy, say } = await open()
    const many = get('http://other.test/').replace('close', 'keep-alive')
    for (let count = 0; count < 40; count += 1)
      await Promise.all(Array.from({ length: 15 }, () => say(tunnel('a.b:1'))))
    await say(many.replace('keep-alive', 'close'))
    const rows = proxy.requests()
    expect(rows).toHaveLength(501)
    expect(rows.at(-1)).toMatchObject({ host: '', allowed: false, because: '101 more requests, 101 of them refused' })
  })

  test('ends its connections when it is closed', async () => {
    const { proxy, say } = await open()
    const answer = say(tunnel(`allowed.test:${outside.port}`))
    await expect.poll(() => proxy.requests()[0]?.because).toBe('it went to 127.0.0.1')
    proxy.close()
    proxy.close()
    expect(statusOf(await answer)).toMatch(/200|none/)
  })
})

describe('the proxy of a run, before a server that is hostile', () => {
  const head = 'HTTP/1.1 200 OK\r\n'
  test.each([
    ['says nothing', '', '502'],
    ['speaks something else', 'SSH-2.0-OpenSSH_9.2\r\n', '502'],
    ['gives two lengths', `${head}Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd`, '502'],
    ['gives a length beside chunks', `${head}Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`, '502'],
    ['switches protocols unasked', 'HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\nabc', '502'],
    ['has endless headers', `${head}X-A: ${'a'.repeat(100_000)}\r\n\r\n`, '502'],
    ['informs for ever', `${'HTTP/1.1 102 Processing\r\n\r\n'.repeat(1_000)}`, '502'],
    ['breaks off', `${head}Content-Length: 10\r\n\r\nabc`, '200'],
    ['sends more than it said', `${head}Content-Length: 3\r\n\r\nabcHTTP/1.1 200 OK\r\nX-Second: 1\r\n\r\n`, '200'],
    [
      'asks for a login of the proxy',
      `${head}Proxy-Authenticate: Basic\r\nSet-Cookie: a\r\nContent-Length: 0\r\n\r\n`,
      '200',
    ],
  ])('that %s', async (_, answer, status) => {
    const server = createServer((socket) => {
      socket.on('error', () => undefined)
      socket.once('data', () => socket.end(answer, 'latin1'))
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    const port = address !== null && typeof address === 'object' ? address.port : 0
    const { proxy, say } = await openProxy({
      domains: [`allowed.test:${port}`],
      permitAddress,
      resolve: async () => ['127.0.0.1'],
    })
    const heard = await say(get(`http://allowed.test:${port}/`))
    expect(statusOf(heard)).toBe(status)
    expect(heard.match(/HTTP\/1\.1/g)).toHaveLength(1)
    expect(heard).not.toMatch(/X-Second|Proxy-Authenticate/i)
    proxy.close()
    await new Promise((resolve) => server.close(resolve))
  })
})
