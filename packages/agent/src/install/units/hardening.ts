import type { UnitLine } from './unit-file.js'

/** What a directive of systemd takes from a service, and whether the sandbox of the tools can be built without it. */
export interface Hardening {
  readonly directive: string
  readonly value: string
  /** What it takes away, or bounds. */
  readonly takes: string
}

/** A directive that the unit of the agent goes without. */
export interface LeftOut {
  readonly directive: string
  /** What breaks with it. */
  readonly breaks: string
}

/**
 * What the unit of the agent is hardened by. Each of them leaves what bubblewrap needs as an ordinary user: user, mount, process and network namespaces,
 * a /proc that is seen whole, rtnetlink, and a host name of its own. systemd.exec(5).
 */
export const AGENT_HARDENING: readonly Hardening[] = [
  {
    directive: 'NoNewPrivileges',
    value: 'yes',
    takes: 'set-user-ID programs; bubblewrap needs none where user namespaces are allowed',
  },
  {
    directive: 'CapabilityBoundingSet',
    value: '',
    takes: 'every capability, for good; those in a user namespace of its own are not meant by it',
  },
  { directive: 'AmbientCapabilities', value: '', takes: 'capabilities across an exec' },
  { directive: 'ProtectSystem', value: 'strict', takes: 'writing outside of ReadWritePaths' },
  { directive: 'ProtectHome', value: 'yes', takes: 'the homes of people' },
  { directive: 'PrivateTmp', value: 'yes', takes: 'the /tmp of everybody else' },
  { directive: 'ProtectClock', value: 'yes', takes: 'setting the clock' },
  { directive: 'RestrictRealtime', value: 'yes', takes: 'realtime scheduling' },
  { directive: 'RestrictSUIDSGID', value: 'yes', takes: 'making set-user-ID files' },
  { directive: 'LockPersonality', value: 'yes', takes: 'other execution domains' },
  { directive: 'RemoveIPC', value: 'yes', takes: 'System V and POSIX IPC that outlives it' },
  { directive: 'KeyringMode', value: 'private', takes: 'the key rings of others' },
  { directive: 'SystemCallArchitectures', value: 'native', takes: 'system calls of another architecture' },
  {
    directive: 'RestrictAddressFamilies',
    value: 'AF_UNIX AF_INET AF_INET6 AF_NETLINK',
    takes:
      'every other family of sockets; bubblewrap brings its loopback up through AF_NETLINK, which the documents leave out',
  },
]

/** What the unit goes without, and why: with most of these no tool could be shut in. */
export const AGENT_LEFT_OUT: readonly LeftOut[] = [
  {
    directive: 'RestrictNamespaces',
    breaks: 'bubblewrap makes a user, mount, process, network, IPC, UTS and cgroup namespace for every run',
  },
  {
    directive: 'ProtectKernelTunables',
    breaks: 'the kernel mounts a new /proc in a user namespace only where the present one is seen whole',
  },
  { directive: 'ProtectKernelLogs', breaks: 'the same: it covers /proc/kmsg' },
  { directive: 'ProcSubset', breaks: 'the same: its /proc shows processes only' },
  { directive: 'ProtectHostname', breaks: 'the sandbox has a host name of its own' },
  {
    directive: 'ProtectControlGroups',
    breaks: 'the agent makes a cgroup for every run, below its own (Delegate=)',
  },
  {
    directive: 'PrivateUsers',
    breaks: 'the control socket tells people apart by the owners of files, who would all be nobody',
  },
  { directive: 'ProtectProc', breaks: 'metrics count the processes of the host, and checks look who uses a device' },
  { directive: 'PrivateDevices', breaks: 'checks of modules look at the device nodes of the host' },
  {
    directive: 'ProtectKernelModules',
    breaks: 'checks of modules read which kernel modules there are; without capabilities none can be loaded anyway',
  },
  { directive: 'MemoryDenyWriteExecute', breaks: 'Node compiles what it runs' },
  {
    directive: 'SystemCallFilter',
    breaks:
      'mount, umount2, pivot_root, unshare, clone and setns are what the sandbox is built with; its own filter stands behind them',
  },
]

/** What the supervisor is hardened by: it makes no sandbox, so it takes all that there is but for what Node needs. */
export const CONTROLS_HARDENING: readonly Hardening[] = [
  ...AGENT_HARDENING.filter(({ directive }) => directive !== 'RestrictAddressFamilies'),
  { directive: 'RestrictAddressFamilies', value: 'AF_UNIX', takes: 'every network' },
  { directive: 'IPAddressDeny', value: 'any', takes: 'every network, once more' },
  { directive: 'RestrictNamespaces', value: 'yes', takes: 'new namespaces' },
  { directive: 'ProtectKernelModules', value: 'yes', takes: 'loading kernel modules' },
  { directive: 'ProtectKernelTunables', value: 'yes', takes: 'kernel settings' },
  { directive: 'ProtectKernelLogs', value: 'yes', takes: 'the kernel log' },
  { directive: 'ProtectHostname', value: 'yes', takes: 'setting the host name' },
]

/** The lines of a table. */
export function hardeningLines(table: readonly Hardening[]): readonly UnitLine[] {
  return table.map(({ directive, value }) => [directive, value])
}
