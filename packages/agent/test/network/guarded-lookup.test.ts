import { request } from 'node:http'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createGuardedLookup, createNetworkPolicy, requireAllowedUrl } from '../../src/index.js'
import { HTTP_ANSWER, type OutsideServer, openOutside } from './test-network.js'

let outside: OutsideServer
beforeAll(async () => {
  outside = await openOutside()
})
afterAll(() => outside.close())

/** What a client of this process hears, or the code of its error. */
const fetched = (host: string, port: number, policy = loopback(port)): Promise<string> =>
  new Promise((resolve) => {
    const asked = request({ host, port, agent: false, lookup: createGuardedLookup(policy, port) }, (answer) => {
      let body = ''
      answer.setEncoding('utf8').on('data', (text: string) => {
        body += text
      })
      answer.on('end', () => resolve(body))
    })
    asked.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'no code'))
    asked.end()
  })

const loopback = (port: number, permitAddress = (address: string): boolean => address === '127.0.0.1') =>
  createNetworkPolicy({ domains: [`allowed.test:${port}`], resolve: async () => ['127.0.0.1'], permitAddress })

describe('a client in this process', () => {
  test('reaches what is allowed', async () => {
    expect(await fetched('allowed.test', outside.port)).toBe(HTTP_ANSWER)
  })

  test('reaches nothing else, and no address that is refused', async () => {
    expect(await fetched('other.test', outside.port)).toBe('JANUS_AGENT_NETWORK_REFUSED')
    expect(
      await fetched(
        'allowed.test',
        outside.port,
        loopback(outside.port, () => false),
      ),
    ).toBe('JANUS_AGENT_NETWORK_REFUSED')
  })

  test('may ask for an address that is allowed', () => {
    const policy = createNetworkPolicy({ domains: ['allowed.test', '*.wide.test'] })
    expect(requireAllowedUrl('https://Allowed.test./v1?x#y', policy)).toMatchObject({ host: 'allowed.test', port: 443 })
    expect(requireAllowedUrl('http://a.b.wide.test/', policy)).toMatchObject({ host: 'a.b.wide.test', port: 80 })
  })

  test.each([
    'https://other.test/',
    'https://allowed.test.evil.test/',
    'https://wide.test/',
    'https://allowed.test:8443/',
    'https://allowed.test@other.test/',
    'https://user:password@allowed.test/',
    'https://other.test\\@allowed.test/',
    'https://allowed.test\\.other.test/',
    'https:allowed.test/',
    'https:///allowed.test/',
    ' https://allowed.test/',
    'https://allowed\t.test/',
    'https://127.0.0.1/',
    'https://[::1]/',
    'https://0x7f.1/',
    'file:///etc/passwd',
    'ftp://allowed.test/',
    'allowed.test',
  ])('may not ask for %j', (url) => {
    const policy = createNetworkPolicy({ domains: ['allowed.test', '*.wide.test'] })
    expect(() => requireAllowedUrl(url, policy)).toThrow(
      expect.objectContaining({ code: 'JANUS_AGENT_NETWORK_REFUSED' }),
    )
  })

  test('may ask for nothing where nothing is allowed', () => {
    expect(() => requireAllowedUrl('https://allowed.test/', createNetworkPolicy({ domains: [] }))).toThrow(
      expect.objectContaining({ code: 'JANUS_AGENT_NETWORK_REFUSED' }),
    )
  })
})
