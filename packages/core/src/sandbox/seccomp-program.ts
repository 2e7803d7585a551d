import { assembleBpf, type BpfInstruction, type BpfStatement, encodeBpf } from './bpf-assembler.js'
import {
  ABSENT_CALLS,
  REFUSED_CALLS,
  type SandboxArchitecture,
  SYSTEM_CALL_TABLES,
  type SystemCall,
} from './system-calls.js'

/** Families of sockets that a sandbox may be allowed: `AF_…` of bits/socket.h. */
export const SOCKET_FAMILIES = { unix: 1, inet: 2, inet6: 10, netlink: 16 } as const

/** Name of a socket family. */
export type SocketFamily = keyof typeof SOCKET_FAMILIES

/** What a filter lets through beyond the common list. */
export interface SeccompSettings {
  /** Families that sockets may be of. All others, AF_VSOCK among them, answer EAFNOSUPPORT. */
  readonly sockets: readonly SocketFamily[]
  /** Whether new processes may be started; threads always may. */
  readonly processes: boolean
}

/** `SECCOMP_RET_…` of linux/seccomp.h, with the errno in the low bits. */
export const SECCOMP_VERDICTS = {
  allow: 0x7fff0000,
  kill: 0x80000000,
  refuse: 0x00050000 | 1,
  absent: 0x00050000 | 38,
  unsupportedFamily: 0x00050000 | 97,
} as const

/** Offsets in `struct seccomp_data`; the low half of an argument comes first on a little-endian machine. */
const NUMBER = 0
const ARCHITECTURE = 4
const FIRST_ARGUMENT = 16
const SECOND_ARGUMENT = 24
const THIRD_ARGUMENT = 32

/** CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET. */
const NEW_NAMESPACES = 0x7e020000
const CLONE_THREAD = 0x00010000
const TIOCSTI = 0x5412
const TIOCLINUX = 0x541c
/** Requests about the network that a socket is of: SIOC… of linux/sockios.h. */
const SOCKET_REQUESTS = { from: 0x8900, to: 0x8a00 }
/** SO_BINDTODEVICE, SO_BINDTOIFINDEX and SO_NETNS_COOKIE: options that tell of that network, set or read. */
const NETWORK_OPTIONS = [25, 62, 71]
const AF_UNIX = 1

/**
 * The filter of a sandbox as classic BPF. Everything that is not named is allowed: the namespaces hold the rest.
 * @param architecture of the program that will run
 */
export function seccompInstructions(
  architecture: SandboxArchitecture,
  settings: SeccompSettings,
): readonly BpfInstruction[] {
  const { audit, foreignFrom, numbers } = SYSTEM_CALL_TABLES[architecture]
  const to = (name: SystemCall, label: string): readonly BpfStatement[] => {
    const number = numbers[name]
    return number === undefined ? [] : [{ kind: 'jump', when: 'equal', operand: number, isTrue: label }]
  }
  const families = settings.sockets.map((family) => SOCKET_FAMILIES[family])
  // Whoever may make no socket can still have been given one, and that is of the network of whoever made it, whatever its family: its streams are UNIX sockets.
  const isCutOff = families.length === 0
  return assembleBpf([
    { kind: 'load', offset: ARCHITECTURE },
    { kind: 'jump', when: 'equal', operand: audit, isFalse: 'kill' },
    { kind: 'load', offset: NUMBER },
    ...(foreignFrom === undefined
      ? []
      : [{ kind: 'jump', when: 'at-least', operand: foreignFrom, isTrue: 'kill' } as const]),
    ...to('clone', 'clone'),
    ...to('ioctl', 'ioctl'),
    ...to('socket', 'socket'),
    ...to('socketpair', 'socketpair'),
    // A connection fails, but tells whether the name is there, and gives whoever wants credentials a name first (unix(7), autobind).
    ...(isCutOff ? [...to('bind', 'refuse'), ...to('connect', 'refuse')] : []),
    ...(isCutOff ? [...to('setsockopt', 'option'), ...to('getsockopt', 'option')] : []),
    ...(settings.processes ? [] : [...to('fork', 'refuse'), ...to('vfork', 'refuse')]),
    ...ABSENT_CALLS.flatMap((name) => to(name, 'absent')),
    ...REFUSED_CALLS.flatMap((name) => to(name, 'refuse')),
    { kind: 'return', value: SECCOMP_VERDICTS.allow },

    { kind: 'label', name: 'clone' },
    { kind: 'load', offset: FIRST_ARGUMENT },
    { kind: 'jump', when: 'any-bit', operand: NEW_NAMESPACES, isTrue: 'refuse' },
    ...(settings.processes
      ? []
      : [{ kind: 'jump', when: 'any-bit', operand: CLONE_THREAD, isFalse: 'refuse' } as const]),
    { kind: 'return', value: SECCOMP_VERDICTS.allow },

    { kind: 'label', name: 'ioctl' },
    { kind: 'load', offset: SECOND_ARGUMENT },
    { kind: 'jump', when: 'equal', operand: TIOCSTI, isTrue: 'refuse' },
    { kind: 'jump', when: 'equal', operand: TIOCLINUX, isTrue: 'refuse' },
    ...(isCutOff
      ? ([
          { kind: 'jump', when: 'at-least', operand: SOCKET_REQUESTS.to, isTrue: 'allow' },
          { kind: 'jump', when: 'at-least', operand: SOCKET_REQUESTS.from, isTrue: 'refuse' },
        ] as const)
      : []),
    { kind: 'return', value: SECCOMP_VERDICTS.allow },

    { kind: 'label', name: 'socket' },
    { kind: 'load', offset: FIRST_ARGUMENT },
    ...families.map((family) => ({ kind: 'jump', when: 'equal', operand: family, isTrue: 'allow' }) as const),
    { kind: 'return', value: SECCOMP_VERDICTS.unsupportedFamily },

    { kind: 'label', name: 'socketpair' },
    { kind: 'load', offset: FIRST_ARGUMENT },
    { kind: 'jump', when: 'equal', operand: AF_UNIX, isTrue: 'allow' },
    { kind: 'return', value: SECCOMP_VERDICTS.unsupportedFamily },

    ...(isCutOff
      ? ([
          { kind: 'label', name: 'option' },
          { kind: 'load', offset: THIRD_ARGUMENT },
          ...NETWORK_OPTIONS.map((operand) => ({ kind: 'jump', when: 'equal', operand, isTrue: 'refuse' }) as const),
          { kind: 'return', value: SECCOMP_VERDICTS.allow },
        ] as const)
      : []),

    { kind: 'label', name: 'allow' },
    { kind: 'return', value: SECCOMP_VERDICTS.allow },
    { kind: 'label', name: 'refuse' },
    { kind: 'return', value: SECCOMP_VERDICTS.refuse },
    { kind: 'label', name: 'absent' },
    { kind: 'return', value: SECCOMP_VERDICTS.absent },
    { kind: 'label', name: 'kill' },
    { kind: 'return', value: SECCOMP_VERDICTS.kill },
  ])
}

/** The same as the bytes that `bwrap --seccomp` reads. */
export function seccompProgram(architecture: SandboxArchitecture, settings: SeccompSettings): Uint8Array {
  return encodeBpf(seccompInstructions(architecture, settings))
}

/** The architecture this process runs on, where there is a table for it. */
export function sandboxArchitecture(architecture: string = process.arch): SandboxArchitecture | undefined {
  if (architecture === 'x64') return 'x86_64'
  return architecture === 'arm64' ? 'aarch64' : undefined
}
