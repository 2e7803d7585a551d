import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createAddressPolicy } from '../../src/network/address-policy.js'
import { hostName } from '../../src/network/host-name.js'
import { parseAbsoluteTarget, parseAuthority } from '../../src/network/parse-authority.js'

describe('the authority of a request', () => {
  test.each([
    ['allowed.test:443', 'allowed.test', 443],
    ['ALLOWED.Test:8080', 'allowed.test', 8080],
    ['allowed.test.:443', 'allowed.test', 443],
    ['xn--bcher-kva.example:443', 'xn--bcher-kva.example', 443],
    ['a-b.c1:1', 'a-b.c1', 1],
    ['localhost:65535', 'localhost', 65_535],
  ])('%j is a name and a port', (text, host, port) => {
    expect(parseAuthority(text)).toEqual({ host, port })
  })

  test.each([
    ['user@allowed.test:443', 400],
    ['allowed.test:443@evil.test:443', 400],
    ['@allowed.test:443', 400],
    ['allowed.test', 400],
    ['allowed.test:', 400],
    ['allowed.test:0', 400],
    ['allowed.test:0443', 400],
    ['allowed.test:+443', 400],
    ['allowed.test:65536', 400],
    ['allowed.test:443:443', 400],
    ['allowed.test..:443', 400],
    ['.allowed.test:443', 400],
    ['allowed..test:443', 400],
    [':443', 400],
    ['', 400],
    ['under_score.test:443', 400],
    ['-allowed.test:443', 400],
    ['allowed-.test:443', 400],
    [`${'a'.repeat(64)}.test:443`, 400],
    [`${'a.'.repeat(127)}test:443`, 400],
    ['allowed%2etest:443', 400],
    ['allowed.test%00.evil.test:443', 400],
    ['allowed.test/:443', 400],
    ['allowed.test\\.evil.test:443', 400],
    ['allowed.test#.evil.test:443', 400],
    ['allowed.test\n:443', 400],
    ['allowed.test:443\n', 400],
    [' allowed.test:443', 400],
    ['аllowed.test:443', 400],
    ['bücher.example:443', 400],
    ['xn--a.test:443', 400],
    ['127.0.0.1:443', 403],
    ['127.0.0.1.:443', 403],
    ['127.1:443', 403],
    ['2130706433:443', 403],
    ['0x7f000001:443', 403],
    ['0x7f.1:443', 403],
    ['0X7F.1:443', 403],
    ['017700000001:443', 403],
    ['0177.0.0.1:443', 403],
    ['0:443', 403],
    ['0x:443', 403],
    ['allowed.test.0x1:443', 403],
    ['1.2.3:443', 403],
    ['[::1]:443', 403],
    ['[::ffff:127.0.0.1]:443', 403],
    ['[::ffff:7f00:1]:443', 403],
    ['[64:ff9b::7f00:1]:443', 403],
    ['[fe80::1%25eth0]:443', 403],
    ['169.254.169.254:80', 403],
  ])('%j is refused with %i', (text, status) => {
    expect(parseAuthority(text)).toMatchObject({ status })
  })

  test('is read as the URL standard reads it, or not at all', () => {
    const piece = fc.constantFrom(
      'allowed',
      'test',
      '.',
      ':',
      '@',
      '[',
      ']',
      '0x7f',
      '1',
      '-',
      'xn--',
      '%2e',
      '/',
      '\\',
      'É',
    )
    const text = fc.oneof(
      fc.string(),
      fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join('')),
      fc.webAuthority(),
    )
    fc.assert(
      fc.property(text, (authority) => {
        const parsed = parseAuthority(authority, 80)
        if ('refused' in parsed) return
        const url = new URL(`http://${authority}/`)
        expect(url.username + url.password).toBe('')
        expect(url.hostname.replace(/\.$/, '')).toBe(parsed.host)
        expect(Number(url.port || 80)).toBe(parsed.port)
        expect(parsed.host).toMatch(/^[a-z0-9.-]+$/)
      }),
      { numRuns: 2_000 },
    )
  })

  test('in every spelling of an IPv4 address is one', () => {
    const part = (most: number) =>
      fc.tuple(fc.nat(most), fc.constantFrom(10, 8, 16)).map(([value, base]) => {
        if (base === 16) return `0x${value.toString(16)}`
        return base === 8 ? `0${value.toString(8)}` : String(value)
      })
    const spelled = fc.oneof(
      part(2 ** 32 - 1),
      fc.tuple(part(255), part(2 ** 24 - 1)).map((parts) => parts.join('.')),
      fc.tuple(part(255), part(255), part(65_535)).map((parts) => parts.join('.')),
      fc.tuple(part(255), part(255), part(255), part(255)).map((parts) => parts.join('.')),
    )
    fc.assert(
      fc.property(spelled, (text) => {
        expect(hostName(text)).toMatchObject({ refused: 'address' })
      }),
    )
  })
})

describe('the target of a request to a proxy', () => {
  test.each([
    ['http://allowed.test/', 'allowed.test', 80, '/'],
    ['http://allowed.test', 'allowed.test', 80, '/'],
    ['HTTP://Allowed.test:8080/a?b=http://evil.test/', 'allowed.test', 8080, '/a?b=http://evil.test/'],
    ['http://allowed.test?x', 'allowed.test', 80, '/?x'],
    ['http://allowed.test/@evil.test', 'allowed.test', 80, '/@evil.test'],
  ])('%j is passed on', (target, host, port, path) => {
    expect(parseAbsoluteTarget(target)).toEqual({ host, port, path })
  })

  test.each([
    '/',
    '*',
    '//evil.test/',
    'https://allowed.test/',
    'ftp://allowed.test/',
    'http:allowed.test/',
    'http:///allowed.test/',
    'http://allowed.test\\@evil.test/',
    'http://user@allowed.test/',
    'http://allowed.test:80@evil.test/',
    'http://allowed.test/#fragment',
    'http://allowed.test/ HTTP/1.1',
    'http://allowed.test/\r\nHost: evil.test',
    'http://allowed.test/é',
  ])('%j is refused', (target) => {
    expect(parseAbsoluteTarget(target)).toMatchObject({ status: 400 })
  })
})

describe('an address that a name leads to', () => {
  const policy = createAddressPolicy(() => ['9.9.9.1', '2620:fe::1'])

  test.each([
    ['127.0.0.1', 'loopback'],
    ['127.255.255.254', 'loopback'],
    ['0.0.0.0', 'unspecified'],
    ['10.1.2.3', 'private'],
    ['172.16.0.1', 'private'],
    ['172.31.255.255', 'private'],
    ['192.168.1.1', 'private'],
    ['100.64.0.1', "a carrier's"],
    ['169.254.1.1', 'link-local'],
    ['169.254.169.254', 'a metadata service'],
    ['100.100.100.200', 'a metadata service'],
    ['168.63.129.16', 'a metadata service'],
    ['198.18.0.1', 'for measurements'],
    ['192.0.2.1', 'for documentation'],
    ['224.0.0.1', 'multicast'],
    ['255.255.255.255', 'reserved'],
    ['::', 'unspecified'],
    ['::1', 'loopback'],
    ['::127.0.0.1', 'not a public address'],
    ['::ffff:127.0.0.1', 'an IPv4 address in disguise'],
    ['::ffff:9.9.9.9', 'an IPv4 address in disguise'],
    ['64:ff9b::a9fe:a9fe', 'a NAT64 translation'],
    ['64:ff9b:1::1', 'a NAT64 translation'],
    ['2002:7f00:1::1', 'a 6to4 tunnel'],
    ['2001:0:1::1', 'a Teredo tunnel'],
    ['2001:db8::1', 'for documentation'],
    ['fc00::1', 'private'],
    ['fd00:ec2::254', 'a metadata service'],
    ['fd12::1', 'private'],
    ['fe80::1', 'link-local'],
    ['fec0::1', 'not a public address'],
    ['100::1', 'not a public address'],
    ['ff02::1', 'multicast'],
    ['fe80::1%eth0', 'no address of another machine'],
    ['no address', 'no address of another machine'],
    ['9.9.9.1', "this machine's own"],
    ['2620:fe::1', "this machine's own"],
  ])('%s is refused: it is %s', (address, because) => {
    expect(policy.refusal(address)).toBe(because)
  })

  test.each(['9.9.9.9', '1.1.1.1', '172.15.0.1', '172.32.0.1', '100.128.0.1', '2620:fe::9', '2a00:1450::1'])(
    '%s is public',
    (address) => {
      expect(policy.refusal(address)).toBeUndefined()
    },
  )

  test('is refused in every private range, mapped or not', () => {
    const octets = fc.tuple(fc.constantFrom(10, 127, 0), fc.nat(255), fc.nat(255), fc.nat(255))
    fc.assert(
      fc.property(octets, (bytes) => {
        expect(policy.refusal(bytes.join('.'))).toBeDefined()
        expect(policy.refusal(`::ffff:${bytes.join('.')}`)).toBeDefined()
      }),
    )
  })
})
