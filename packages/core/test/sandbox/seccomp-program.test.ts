import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { assembleBpf } from '../../src/sandbox/bpf-assembler.js'
import {
  SECCOMP_VERDICTS,
  type SeccompSettings,
  SOCKET_FAMILIES,
  sandboxArchitecture,
  seccompProgram,
} from '../../src/sandbox/seccomp-program.js'
import { ABSENT_CALLS, JUDGED_CALLS, REFUSED_CALLS, SYSTEM_CALL_TABLES } from '../../src/sandbox/system-calls.js'
import { decodeBpf, interpretBpf } from './bpf-interpreter.js'

const { allow, kill, refuse, absent, unsupportedFamily } = SECCOMP_VERDICTS
const ARCHITECTURES = ['x86_64', 'aarch64'] as const
const TOOL: SeccompSettings = { sockets: ['unix', 'inet', 'inet6', 'netlink'], processes: true }
const MODULE: SeccompSettings = { sockets: [], processes: false }
const argument = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })
const call = {
  number: fc.integer({ min: 0, max: 0x3fffffff }),
  args: fc.array(argument, { minLength: 6, maxLength: 6 }),
}
const NAMESPACES = [0x20000, 0x2000000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000]

describe.each(ARCHITECTURES)('the filter for %s', (architecture) => {
  const { audit, numbers } = SYSTEM_CALL_TABLES[architecture]
  const run = (settings: SeccompSettings, number: number, args: readonly bigint[] = [], from = audit) =>
    interpretBpf(decodeBpf(seccompProgram(architecture, settings)), { number, architecture: from, args })

  test('kills what was made for another architecture', () => {
    fc.assert(
      fc.property(fc.nat(0xffffffff), call.number, (from, number) => {
        fc.pre(from !== audit)
        expect(run(TOOL, number, [], from)).toBe(kill)
      }),
    )
  })

  test('refuses every call on its lists whatever the arguments', () => {
    fc.assert(
      fc.property(call.args, (args) => {
        for (const name of REFUSED_CALLS)
          if (numbers[name] !== undefined) expect(run(TOOL, numbers[name], args)).toBe(refuse)
        for (const name of ABSENT_CALLS)
          if (numbers[name] !== undefined) expect(run(TOOL, numbers[name], args)).toBe(absent)
      }),
      { numRuns: 10 },
    )
  })

  test('lets every other call through whatever the arguments', () => {
    const listed = new Set([...REFUSED_CALLS, ...ABSENT_CALLS, ...JUDGED_CALLS].map((name) => numbers[name]))
    fc.assert(
      fc.property(fc.oneof(call.number, fc.nat(600)), call.args, (number, args) => {
        fc.pre(!listed.has(number))
        expect(run(MODULE, number, args)).toBe(allow)
      }),
      { numRuns: 2_000 },
    )
  })

  test('refuses a clone with any new namespace, and lets threads pass', () => {
    const clone = numbers.clone ?? -1
    fc.assert(
      fc.property(argument, (flags) => {
        const isNew = NAMESPACES.some((bit) => (Number(flags & 0xffffffffn) & bit) !== 0)
        const isThread = (flags & 0x10000n) !== 0n
        expect(run(TOOL, clone, [flags])).toBe(isNew ? refuse : allow)
        expect(run(MODULE, clone, [flags])).toBe(isNew || !isThread ? refuse : allow)
      }),
    )
  })

  test('refuses to put characters into a terminal, also with high bits set', () => {
    for (const request of [0x5412n, 0x541cn, 0xffffffff00005412n]) {
      expect(run(TOOL, numbers.ioctl ?? -1, [0n, request])).toBe(refuse)
    }
    expect(run(TOOL, numbers.ioctl ?? -1, [0n, 0x5401n])).toBe(allow)
  })

  test('refuses an address, and questions about its network, to a socket of whoever may make none', () => {
    fc.assert(
      fc.property(call.args, fc.nat(0xff), argument, (args, low, high) => {
        expect(run(MODULE, numbers.bind ?? -1, args)).toBe(refuse)
        expect(run(TOOL, numbers.bind ?? -1, args)).toBe(allow)
        const request = (high & ~0xffffffffn) | BigInt(0x8900 + low)
        expect(run(MODULE, numbers.ioctl ?? -1, [0n, request])).toBe(refuse)
        expect(run(TOOL, numbers.ioctl ?? -1, [0n, request])).toBe(allow)
      }),
    )
    for (const request of [0x88ffn, 0x8a00n, 0x5421n, 0x541bn, 0x80045430n, 0xffffffffn])
      expect(run(MODULE, numbers.ioctl ?? -1, [0n, request])).toBe(allow)
  })

  test('refuses a connection of such a socket, which would tell of names there and give it one, and options that tell of interfaces', () => {
    fc.assert(
      fc.property(call.args, fc.constantFrom(25n, 62n, 71n), argument, (args, option, high) => {
        expect(run(MODULE, numbers.connect ?? -1, args)).toBe(refuse)
        expect(run(TOOL, numbers.connect ?? -1, args)).toBe(allow)
        for (const number of [numbers.setsockopt ?? -1, numbers.getsockopt ?? -1]) {
          const withOption = [0n, 1n, (high & ~0xffffffffn) | option]
          expect(run(MODULE, number, withOption)).toBe(refuse)
          expect(run(TOOL, number, withOption)).toBe(allow)
        }
      }),
    )
    // SO_TYPE, SO_ERROR, SO_PEERCRED: what a run-time asks of its streams.
    for (const option of [3n, 4n, 17n]) expect(run(MODULE, numbers.getsockopt ?? -1, [0n, 1n, option])).toBe(allow)
  })

  test('allows sockets of the families it was given, and pairs of UNIX sockets', () => {
    fc.assert(
      fc.property(fc.nat(64), (family) => {
        const isGiven = Object.values(SOCKET_FAMILIES).includes(family as 1)
        expect(run(TOOL, numbers.socket ?? -1, [BigInt(family)])).toBe(isGiven ? allow : unsupportedFamily)
        expect(run(MODULE, numbers.socket ?? -1, [BigInt(family)])).toBe(unsupportedFamily)
        expect(run(MODULE, numbers.socketpair ?? -1, [BigInt(family)])).toBe(family === 1 ? allow : unsupportedFamily)
      }),
    )
  })

  test('has the bytes it always had', () => {
    const digest = (settings: SeccompSettings) =>
      createHash('sha256').update(seccompProgram(architecture, settings)).digest('hex')
    expect([digest(TOOL), digest(MODULE)]).toMatchSnapshot()
  })
})

describe('the filter', () => {
  test('kills calls of the x32 ABI', () => {
    const program = decodeBpf(seccompProgram('x86_64', TOOL))
    const { audit } = SYSTEM_CALL_TABLES.x86_64
    expect(interpretBpf(program, { number: 0x40000000 + 101, architecture: audit, args: [] })).toBe(kill)
  })

  test('begins with the check of the architecture, byte for byte', () => {
    const start = Buffer.from(seccompProgram('x86_64', TOOL)).subarray(0, 32).toString('hex')
    expect(start.slice(0, 16)).toBe('2000000004000000')
    expect(start.slice(16, 20) + start.slice(24, 32)).toBe('15003e0000c0')
    expect(start.slice(32, 48)).toBe('2000000000000000')
  })

  test('is known for two architectures and no other', () => {
    expect([sandboxArchitecture('x64'), sandboxArchitecture('arm64')]).toEqual(['x86_64', 'aarch64'])
    expect(sandboxArchitecture('riscv64')).toBeUndefined()
  })
})

describe('the assembler', () => {
  test('refuses a jump to a label that is missing or behind', () => {
    const jump = { kind: 'jump', when: 'equal', operand: 1, isTrue: 'there' } as const
    expect(() => assembleBpf([jump])).toThrow(RangeError)
    expect(() => assembleBpf([{ kind: 'label', name: 'there' }, jump])).toThrow(RangeError)
  })
})
