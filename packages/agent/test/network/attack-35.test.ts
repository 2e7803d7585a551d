import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { get, openProxy, permitAddress, statusOf, tunnel } from './open-proxy.js'
import { type OutsideServer, openOutside } from './test-network.js'

let outside: OutsideServer
beforeAll(async () => {
  outside = await openOutside()
})
afterAll(() => outside.close())

describe('attack 35: through the proxy of a run', () => {
  test.each([
    ['private', '10.0.0.7'],
    ['loopback', '127.0.0.1'],
    ['link-local', '169.254.7.7'],
    ['a metadata service', '169.254.169.254'],
    ['a metadata service', 'fd00:ec2::254'],
    ['an IPv4 address in disguise', '::ffff:10.0.0.7'],
    ['a NAT64 translation', '64:ff9b::a00:7'],
    ['a 6to4 tunnel', '2002:a00:7::1'],
    ["a carrier's", '100.64.0.1'],
  ])('a name on the list that leads to %s address %s is refused', async (_, address) => {
    const { proxy, say } = await openProxy({ domains: ['allowed.test'], resolve: async () => [address] })
    expect(statusOf(await say(get('http://allowed.test/')))).toBe('403')
    expect(statusOf(await say(tunnel('allowed.test:443')))).toBe('403')
    expect(proxy.requests()).toMatchObject([
      { host: 'allowed.test', port: 80, allowed: false, because: expect.stringContaining(address) },
      { host: 'allowed.test', port: 443, allowed: false },
    ])
  })

  test('a name that leads elsewhere the second time is looked up once and dialled at the address that was checked', async () => {
    let asked = 0
    const { proxy, say } = await openProxy({
      domains: [`allowed.test:${outside.port}`],
      permitAddress: (address) => permitAddress(address) && asked === 1,
      resolve: async () => {
        asked += 1
        return asked === 1 ? ['127.0.0.1'] : ['169.254.169.254']
      },
    })
    expect(statusOf(await say(get(`http://allowed.test:${outside.port}/`)))).toBe('200')
    expect(asked).toBe(1)
    expect(statusOf(await say(get(`http://allowed.test:${outside.port}/`)))).toBe('403')
    expect(proxy.requests().map(({ because }) => because)).toEqual([
      'it went to 127.0.0.1',
      'it leads to 169.254.169.254, which is a metadata service',
    ])
  })

  test('of the addresses of a name only those that are permitted are dialled', async () => {
    const resolve = async (): Promise<readonly string[]> => ['10.0.0.7', '127.0.0.1', '::1']
    const { proxy, say } = await openProxy({ domains: [`allowed.test:${outside.port}`], permitAddress, resolve })
    expect(statusOf(await say(get(`http://allowed.test:${outside.port}/`)))).toBe('200')
    expect(proxy.requests()).toMatchObject([{ because: 'it went to 127.0.0.1' }])
  })

  test('a refused address is not even dialled', async () => {
    const before = outside.arrived.length
    const { say } = await openProxy({ domains: [`allowed.test:${outside.port}`], resolve: async () => ['127.0.0.1'] })
    expect(statusOf(await say(get(`http://allowed.test:${outside.port}/`)))).toBe('403')
    expect(outside.arrived.length).toBe(before)
  })

  test.each([
    ['http://127.0.0.1/', '403'],
    ['http://2130706433/', '403'],
    ['http://0x7f.1/', '403'],
    ['http://017700000001/', '403'],
    ['http://[::1]/', '403'],
    ['http://[::ffff:127.0.0.1]/', '403'],
    ['http://169.254.169.254/latest/meta-data/', '403'],
    ['http://other.test/', '403'],
    ['http://allowed.test.evil.test/', '403'],
    ['http://evilallowed.test/', '403'],
    ['http://sub.allowed.test/', '403'],
    ['http://allowed.test:81/', '403'],
    ['http://user@allowed.test/', '400'],
    ['http://allowed.test@evil.test/', '400'],
    ['http://allowed_.test/', '400'],
    ['https://allowed.test/', '400'],
    ['/latest/meta-data/', '400'],
    ['*', '400'],
  ])('GET %s is refused with %s and looked up nowhere', async (target, status) => {
    let asked = 0
    const resolve = async (): Promise<readonly string[]> => {
      asked += 1
      return ['127.0.0.1']
    }
    const { proxy, say } = await openProxy({ domains: ['allowed.test'], permitAddress, resolve })
    expect(statusOf(await say(get(target)))).toBe(status)
    expect(asked).toBe(0)
    expect(proxy.requests()).toMatchObject([{ allowed: false }])
  })

  test.each([
    '127.0.0.1:443',
    '[::1]:443',
    '2130706433:443',
    'other.test:443',
    'allowed.test:22',
    'a.allowed.test:443',
  ])('CONNECT %s is refused', async (target) => {
    const { proxy, say } = await openProxy({ domains: ['allowed.test'], permitAddress })
    expect(statusOf(await say(tunnel(target)))).toBe('403')
    expect(proxy.requests()).toMatchObject([{ allowed: false }])
  })
})
