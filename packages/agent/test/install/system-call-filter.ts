import { spawnSync } from 'node:child_process'

/** linux/bpf_common.h, linux/seccomp.h, linux/audit.h. */
const LOAD = 0x20
const EQUAL = 0x15
const ANY_BIT = 0x45
const RETURN = 0x06
const ALLOW = 0x7fff0000
const ERRNO = 0x00050000
const NUMBER = 0
const ARCHITECTURE = 4
const argument = (index: number) => 16 + 8 * index

type Instruction = readonly [code: number, ifTrue: number, ifFalse: number, value: number]

const X64 = process.arch === 'x64'
/** Numbers of system calls: asm/unistd_64.h, asm-generic/unistd.h. */
export const CALLS = X64
  ? {
      socket: 41,
      clone: 56,
      clone3: 435,
      unshare: 272,
      sethostname: 170,
      clock_settime: 227,
      settimeofday: 164,
      sched_setscheduler: 144,
      personality: 135,
      prctl: 157,
    }
  : {
      socket: 198,
      clone: 220,
      clone3: 435,
      unshare: 97,
      sethostname: 161,
      clock_settime: 112,
      settimeofday: 170,
      sched_setscheduler: 119,
      personality: 92,
      prctl: 167,
    }
const NATIVE = X64 ? 0xc000003e : 0xc00000b7
/** sched.h: every CLONE_NEW flag. */
const NAMESPACES = 0x7e020080
export const EPERM = 1
const ENOSYS = 38
const EAFNOSUPPORT = 97

/** Calls that fail, whatever their arguments. */
export function refusing(...numbers: readonly number[]): readonly Instruction[] {
  return [
    [LOAD, 0, 0, NUMBER],
    ...numbers.flatMap((number): readonly Instruction[] => [
      [EQUAL, 0, 1, number],
      [RETURN, 0, 0, ERRNO | EPERM],
    ]),
    [RETURN, 0, 0, ALLOW],
  ]
}

/** RestrictAddressFamilies=: sockets of other families do not exist. */
export function onlyFamilies(...families: readonly number[]): readonly Instruction[] {
  return [
    [LOAD, 0, 0, NUMBER],
    [EQUAL, 0, families.length + 2, CALLS.socket],
    [LOAD, 0, 0, argument(0)],
    ...families.map((family, index): Instruction => [EQUAL, families.length - index, 0, family]),
    [RETURN, 0, 0, ERRNO | EAFNOSUPPORT],
    [RETURN, 0, 0, ALLOW],
  ]
}

/** RestrictNamespaces=yes: none is made, and clone3 does not exist, as its flags cannot be seen. */
export function noNamespaces(): readonly Instruction[] {
  return [
    [LOAD, 0, 0, NUMBER],
    [EQUAL, 0, 1, CALLS.clone3],
    [RETURN, 0, 0, ERRNO | ENOSYS],
    [EQUAL, 1, 0, CALLS.unshare],
    [EQUAL, 0, 2, CALLS.clone],
    [LOAD, 0, 0, argument(0)],
    [ANY_BIT, 1, 0, NAMESPACES],
    [RETURN, 0, 0, ALLOW],
    [RETURN, 0, 0, ERRNO | EPERM],
  ]
}

/** SystemCallArchitectures=native. */
export function nativeOnly(): readonly Instruction[] {
  return [
    [LOAD, 0, 0, ARCHITECTURE],
    [EQUAL, 1, 0, NATIVE],
    [RETURN, 0, 0, ERRNO | EPERM],
    [RETURN, 0, 0, ALLOW],
  ]
}

/** Installs a filter on itself, as systemd does on a service, and becomes the program: prctl(2), struct sock_fprog. */
const PERL = `
my $program = pack('H*', shift);
my $fprog = pack('S x6 P', length($program) / 8, $program);
syscall(${CALLS.prctl}, 38, 1, 0, 0, 0) == 0 or die "no_new_privs: $!";
syscall(${CALLS.prctl}, 22, 2, unpack('Q', pack('P', $fprog)), 0, 0) == 0 or die "filter: $!";
exec { $ARGV[0] } @ARGV or die "exec: $!";
`

/** The words in front of a command that is to run behind a filter. */
export function behindFilter(filter: readonly Instruction[]): readonly string[] {
  const bytes = Buffer.concat(
    filter.map(([code, ifTrue, ifFalse, value]) => {
      const instruction = Buffer.alloc(8)
      instruction.writeUInt16LE(code, 0)
      instruction.writeUInt8(ifTrue, 2)
      instruction.writeUInt8(ifFalse, 3)
      instruction.writeUInt32LE(value >>> 0, 4)
      return instruction
    }),
  )
  return ['/usr/bin/perl', '-e', PERL, bytes.toString('hex')]
}

/** How a program of a few words ends behind a filter: that the filter does what it says. */
export function tryBehind(
  filter: readonly Instruction[],
  command: readonly string[],
): { readonly status: number | null; readonly stderr: string } {
  const [program = '', ...args] = [...behindFilter(filter), ...command]
  const { status, stderr } = spawnSync(program, args, { encoding: 'utf8' })
  return { status, stderr }
}
