import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isPciAddress, parsePciAddress } from '../../src/contract/pci-address.js'

const hex = (most: number, digits: number) =>
  fc.integer({ min: 0, max: most }).map((n) => n.toString(16).padStart(digits, '0'))

const canonical = fc
  .tuple(fc.integer({ min: 0, max: 0xffffffff }), hex(0xff, 2), hex(0x1f, 2), hex(7, 1))
  .map(([domain, bus, device, fn]) => `${domain.toString(16).padStart(4, '0')}:${bus}:${device}.${fn}`)

describe('a PCI address', () => {
  test('in canonical form is itself, whatever its domain', () => {
    fc.assert(
      fc.property(canonical, (text) => {
        expect(parsePciAddress(text)).toEqual({ address: text })
        expect(isPciAddress(text)).toBe(true)
      }),
    )
  })

  test('in upper case or without its zero domain is normalised', () => {
    fc.assert(
      fc.property(canonical, (text) => {
        expect(parsePciAddress(text.toUpperCase())).toEqual({ address: text })
        if (text.startsWith('0000:')) expect(parsePciAddress(text.slice(5))).toEqual({ address: text })
      }),
    )
  })

  test('is all that is ever accepted: any other text gives a canonical address or a problem', () => {
    const nearly = canonical.chain((text) =>
      fc
        .tuple(fc.nat({ max: text.length }), fc.string({ minLength: 1, maxLength: 3 }))
        .map(([at, extra]) => text.slice(0, at) + extra + text.slice(at)),
    )
    fc.assert(
      fc.property(fc.oneof(fc.string({ maxLength: 80 }), nearly), (text) => {
        const parsed = parsePciAddress(text)
        if (parsed.address !== undefined)
          expect(parsed.address).toMatch(/^[0-9a-f]{4,8}:[0-9a-f]{2}:[01][0-9a-f]\.[0-7]$/)
        else expect(parsed.problem).not.toBe('')
        const near = parsed.address === undefined ? parsed.nearMatch : undefined
        if (near !== undefined) expect(isPciAddress(near)).toBe(true)
      }),
    )
  })

  test.each([
    ['0000:82.0.0', '0000:82:00.0'],
    [' 0000:01:00.0', '0000:01:00.0'],
    ['0000:01:00.0\n', '0000:01:00.0'],
    ['pci_0000_01_00_0 0000:01:00', '0000:01:00.0'],
  ])('that is misspelt as %j is refused with the near match %s', (text, near) => {
    expect(parsePciAddress(text)).toMatchObject({ nearMatch: near })
    expect(parsePciAddress(text).address).toBeUndefined()
  })

  test.each([
    ['0000:00:20.0', 'device 20 is greater than 1f'],
    ['0000:00:1f.8', 'function 8 is greater than 7'],
    ['123456789:00:00.0', 'domain 123456789 is wider than 32 bits'],
    ['0000:01:00.*', 'it is not of the form domain:bus:device.function'],
    ['../../etc', 'it is not of the form domain:bus:device.function'],
  ])('%j is refused and told why', (text, problem) => {
    expect(parsePciAddress(text)).toMatchObject({ problem })
  })
})
