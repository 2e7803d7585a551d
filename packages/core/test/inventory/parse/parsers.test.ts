import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseCpuList } from '../../../src/inventory/cpu-list.js'
import { matchesGlob } from '../../../src/inventory/glob.js'
import { lastParameter, parseKernelCommandLine } from '../../../src/inventory/kernel-command-line.js'
import { parseModprobeConfig } from '../../../src/inventory/modprobe-config.js'
import { parseIpAddress, parseKernelHexAddress } from '../../../src/inventory/parse/ip-address.js'
import { parseMountinfo, parseMounts, unescapeOctal } from '../../../src/inventory/parse/mountinfo.js'
import { isDefaultRoute, parseIpv4Routes, parseIpv6Routes, routesTo } from '../../../src/inventory/parse/routes.js'
import { parseEstablished, parseIpv6Addresses } from '../../../src/inventory/parse/sockets.js'
import { parseCrypttab, parseFstab, parseSwaps, parseUdevProperties } from '../../../src/inventory/parse/tables.js'

/** Escapes as the kernel's mangle() does (fs/proc_namespace.c). */
const escapeOctal = (text: string) =>
  text.replace(/[ \t\n\\#]/g, (character) => `\\${character.charCodeAt(0).toString(8).padStart(3, '0')}`)

const kernelPath = fc
  .string({ unit: fc.constantFrom('a', '/', ' ', '\t', '\n', '\\', '-', '#', '0', '4') })
  .map((text) => `/${text}`)

describe('mountinfo', () => {
  test('gives back any path that the kernel escaped', () => {
    fc.assert(
      fc.property(kernelPath, (path) => {
        expect(unescapeOctal(escapeOctal(path))).toBe(path)
      }),
    )
  })

  test('is read whatever the paths and however many optional fields', () => {
    fc.assert(
      fc.property(
        kernelPath,
        kernelPath,
        fc.array(fc.constantFrom('shared:1', 'master:2', 'unbindable')),
        (mountPoint, source, optional) => {
          const line = [
            '27',
            '1',
            '254:0',
            '/',
            escapeOctal(mountPoint),
            'rw',
            ...optional,
            '-',
            'ext4',
            escapeOctal(source),
            'rw,a=b',
          ].join(' ')
          expect(parseMountinfo(`${line}\n`)).toEqual([
            { device: '254:0', mountPoint, type: 'ext4', source, options: ['rw', 'a=b'] },
          ])
        },
      ),
    )
  })

  test('of any text gives mounts or nothing', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => void [parseMountinfo(text), parseMounts(text)]))
  })

  test('of the older kind lacks device numbers only', () => {
    expect(parseMounts('/dev/sda1 /a\\040b ext4 rw,noatime 0 0\n')).toEqual([
      { device: '0:0', mountPoint: '/a b', type: 'ext4', source: '/dev/sda1', options: ['rw', 'noatime'] },
    ])
  })
})

describe('the kernel command line', () => {
  test('keeps quoted spaces together and order', () => {
    const parameters = parseKernelCommandLine('a=1 dyndbg="file x +p" "b=c d" quiet a=2 -- a=3')
    expect(parameters).toEqual([
      { name: 'a', value: '1' },
      { name: 'dyndbg', value: 'file x +p' },
      { name: 'b', value: 'c d' },
      { name: 'quiet', value: undefined },
      { name: 'a', value: '2' },
    ])
    expect(lastParameter(parameters, 'a')).toBe('2')
    expect(lastParameter(parameters, 'quiet')).toBe('')
    expect(lastParameter(parameters, 'z')).toBeUndefined()
  })

  test('of plain words gives these words, and the last of equal ones', () => {
    const word = fc.stringMatching(/^[a-z][a-z0-9._]{0,8}$/)
    fc.assert(
      fc.property(fc.array(fc.tuple(word, word)), (pairs) => {
        const parameters = parseKernelCommandLine(pairs.map(([name, value]) => `${name}=${value}`).join(' '))
        expect(parameters.map(({ name, value }) => [name, value])).toEqual(pairs)
        for (const [name] of pairs)
          expect(lastParameter(parameters, name)).toBe(pairs.findLast(([other]) => other === name)?.[1])
      }),
    )
  })

  test('of any text is read in reasonable time', () => {
    fc.assert(fc.property(fc.string(), (text) => void parseKernelCommandLine(text)))
    expect(parseKernelCommandLine('"'.repeat(20_000))).toBeDefined()
  })
})

describe('globs of modules.alias', () => {
  test('match what they were made of', () => {
    const part = fc.stringMatching(/^[A-Za-z0-9:]{0,6}$/)
    fc.assert(
      fc.property(fc.array(fc.tuple(part, part), { maxLength: 6 }), (parts) => {
        const pattern = parts.map(([literal]) => `${literal}*`).join('')
        const text = parts.map(([literal, any]) => literal + any).join('')
        expect(matchesGlob(pattern, text)).toBe(true)
        expect(matchesGlob(`${pattern}!`, text)).toBe(false)
      }),
    )
  })

  test('know sets, ranges and single characters', () => {
    expect(matchesGlob('a[0-3x]?c*', 'a2bc')).toBe(true)
    expect(matchesGlob('a[0-3x]?c*', 'a4bc')).toBe(false)
    expect(matchesGlob('', '')).toBe(true)
    expect(matchesGlob('*', '')).toBe(true)
    expect(matchesGlob('a', 'ab')).toBe(false)
    expect(matchesGlob('[', '[')).toBe(true)
  })

  test('cannot be made to take for ever', () => {
    expect(matchesGlob(`${'*a'.repeat(200)}b`, 'a'.repeat(2000))).toBe(false)
  })
})

describe('lists of processors', () => {
  test('give back any set of numbers', () => {
    const ranges = (numbers: readonly number[]) =>
      numbers.map((number) => (number % 2 === 0 ? `${number}` : `${number}-${number}`)).join(',')
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat({ max: 4095 })), (numbers) => {
        expect(parseCpuList(`${ranges(numbers)}\n`)).toEqual([...numbers].sort((a, b) => a - b))
      }),
    )
  })

  test('are ranges, or nothing, or not lists', () => {
    expect(parseCpuList('0-3,8\n')).toEqual([0, 1, 2, 3, 8])
    expect(parseCpuList('\n')).toEqual([])
    expect(parseCpuList('3-1')).toBeUndefined()
    expect(parseCpuList('0-99999999')).toBeUndefined()
    expect(parseCpuList('a')).toBeUndefined()
  })
})

describe('addresses and routes', () => {
  const ipv4 = fc.tuple(fc.nat(255), fc.nat(255), fc.nat(255), fc.nat(255))

  test('in the kernel’s hex are the addresses that people write', () => {
    fc.assert(
      fc.property(ipv4, (parts) => {
        const hex = [...parts]
          .reverse()
          .map((part) => part.toString(16).toUpperCase().padStart(2, '0'))
          .join('')
        expect(parseKernelHexAddress(hex)).toEqual(parseIpAddress(parts.join('.')))
      }),
    )
    expect(parseIpAddress('fe80::1')).toEqual({ bits: (0xfe80n << 112n) | 1n, width: 128 })
    expect([':::', '1::2::3', '256.1.1.1', '1.2.3', 'g::', ''].map(parseIpAddress)).toEqual(Array(6).fill(undefined))
  })

  test('of IPv4 know the default, networks and what is refused', () => {
    const routes = parseIpv4Routes(
      [
        'Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT',
        'eth0\t00000000\t010200C0\t0003\t0\t0\t0\t00000000\t0\t0\t0',
        'eth0\t000200C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0',
        'eth1\t00000000\t00000000\t0201\t0\t0\t0\t00000000\t0\t0\t0',
        '',
      ].join('\n'),
    )
    expect(routes.map(({ networkInterface, prefix, hasGateway }) => [networkInterface, prefix, hasGateway])).toEqual([
      ['eth0', 0, true],
      ['eth0', 24, false],
    ])
    expect(routes.map(isDefaultRoute)).toEqual([true, false])
    const local = parseIpAddress('192.0.2.9')
    expect(local && routesTo(routes, local).map(({ prefix }) => prefix)).toEqual([24])
  })

  test('of IPv6 leave out loopback and unreachable', () => {
    const zero = '0'.repeat(32)
    const line = (destination: string, prefix: string, gateway: string, flags: string, name: string) =>
      `${destination} ${prefix} ${zero} 00 ${gateway} 00000400 00000001 00000000 ${flags} ${name}`
    const gateway = `fe80${'0'.repeat(27)}1`
    const text = [
      line(zero, '00', gateway, '00000003', 'eth0'),
      line(zero, '00', zero, '00200200', 'lo'),
      line(zero, '00', zero, '00000201', 'eth1'),
    ].join('\n')
    expect(parseIpv6Routes(text).map(({ networkInterface }) => networkInterface)).toEqual(['eth0'])
  })

  test('of sockets are those of established connections, IPv4 also within IPv6', () => {
    const text = [
      '  sl  local_address rem_address   st',
      '   0: 0902 00C0:0016 0100007F:C350 01',
      '   1: 0902 00C0:0016 00000000:0000 0A',
      '   2: 0000000000000000FFFF0000090200C0:0016 0000000000000000FFFF00000A0200C0:C350 01 0',
    ]
      .join('\n')
      .replaceAll(/(\d) (00C0)/g, '$1$2')
    expect(parseEstablished(text).map(({ local, localPort }) => [local, localPort])).toEqual([
      [parseIpAddress('192.0.2.9'), 22],
      [parseIpAddress('192.0.2.9'), 22],
    ])
    expect(parseIpv6Addresses('fe800000000000000000000000000001 02 40 20 80 eth0\n')).toMatchObject([
      { networkInterface: 'eth0', isGlobal: false },
    ])
  })

  test('of any text give something or nothing', () => {
    fc.assert(
      fc.property(
        fc.string(),
        (text) => void [parseIpv4Routes(text), parseIpv6Routes(text), parseEstablished(text), parseIpv6Addresses(text)],
      ),
    )
  })
})

describe('tables', () => {
  test('of file systems know tags, quotes and comments', () => {
    const text =
      '# comment\nUUID="1-2" / ext4 defaults 0 1\nLABEL=My\\040Disk\t/mnt/a\\040b\tauto\tnoauto,nofail\n\n/dev/sdb1\n'
    expect(parseFstab(text)).toEqual([
      { source: 'UUID=1-2', mountPoint: '/', type: 'ext4', options: ['defaults'], line: 2 },
      { source: 'LABEL=My Disk', mountPoint: '/mnt/a b', type: 'auto', options: ['noauto', 'nofail'], line: 3 },
    ])
  })

  test('of encrypted volumes and swap are read', () => {
    expect(parseCrypttab('root UUID=1 none luks,discard\n')).toEqual([
      { name: 'root', source: 'UUID=1', options: ['luks', 'discard'], line: 1 },
    ])
    expect(
      parseSwaps('Filename Type Size Used Priority\n/dev/dm-1   partition 1 0 -2\n/a\\040b file 1 0 -3\n'),
    ).toEqual(['/dev/dm-1', '/a b'])
  })

  test('of udev keep what follows the first equals sign', () => {
    expect([...parseUdevProperties('N:x\nE:ID_FS_LABEL=a=b\nE:ID_FS_TYPE=ext4\nS:disk/by-id/y\n')]).toEqual([
      ['ID_FS_LABEL', 'a=b'],
      ['ID_FS_TYPE', 'ext4'],
    ])
  })

  test('of modprobe join continued lines and number them by their first', () => {
    expect(
      parseModprobeConfig('\nblacklist \\\n  nouveau\ninstall a /bin/true # x\ninstall b /sbin/modprobe b\n'),
    ).toEqual([
      { module: 'nouveau', line: 2 },
      { module: 'a', line: 4 },
    ])
  })
})
