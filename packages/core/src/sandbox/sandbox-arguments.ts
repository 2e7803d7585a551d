import type { SandboxLimits } from './sandbox-request.js'
import type { SystemDirectory } from './system-directories.js'

/** A bind as bubblewrap gets it: its source has no links. */
export interface ResolvedBind {
  readonly source: string
  readonly target: string
}

/** What the command line of bubblewrap is made of. */
export interface SandboxArgumentSettings {
  readonly command: string
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
  readonly cwd: string
  readonly system: readonly SystemDirectory[]
  readonly readOnly: readonly ResolvedBind[]
  readonly machine?: boolean
  readonly writable?: readonly ResolvedBind[]
  readonly workspace: ResolvedBind | undefined
  /** Directory that the temporary directories lie in, where they are no file systems of their own. */
  readonly storage?: string | undefined
  /** User and group inside, where they are not those of the caller. */
  readonly insideUid?: number | undefined
  readonly limits: SandboxLimits
  readonly prlimit: string
  /** Limits that were not set before; undefined: all. */
  readonly limited?: readonly string[]
  /** True when the set-up is held for a while: see {@link START_WHEN_RELEASED}. Default false. */
  readonly held?: boolean
}

/** Descriptors that bubblewrap reads or writes, by number. */
export const SANDBOX_DESCRIPTORS = {
  status: 3,
  seccomp: 4,
  arguments: 5,
  passwd: 6,
  hosts: 7,
  nsswitch: 8,
  /** What a launcher is told on. */
  launch: 10,
} as const

/** Home directory inside, where there are temporary directories. */
export const SANDBOX_HOME = '/home/tool'

/** What says how a machine is made and how it starts. A device node that is bound this way can be seen, not opened. */
const MACHINE_PATHS = [
  '/sys',
  ...['os-release', 'default/grub', 'kernel/cmdline', 'modprobe.d', 'modules', 'modules-load.d', 'fstab'].map(
    (name) => `/etc/${name}`,
  ),
  ...['kvm', 'vfio', 'iommu', 'net/tun'].map((name) => `/dev/${name}`),
]

/** Where a workspace lies inside. */
export const SANDBOX_WORKSPACE = '/workspace'

/**
 * A set-up is held by the file of users, which bubblewrap waits for. When whoever holds it is killed, the file ends empty and the
 * set-up goes on, before bubblewrap ends with its parent: nothing may be started then.
 */
const START_WHEN_RELEASED = '[ -s /etc/passwd ] && exec "$@"'

/** The arguments of bubblewrap: the options, for its `--args`, and the command, for its own command line. */
export interface SandboxArguments {
  readonly options: readonly string[]
  readonly command: readonly string[]
}

/**
 * The arguments of bubblewrap, in the order in which its mounts apply; the root is made read-only last. Nothing of the
 * caller stands where an option is expected: the command follows `--`, twice.
 */
export function sandboxArguments(settings: SandboxArgumentSettings): SandboxArguments {
  const { limits, prlimit, command, args, held = false } = settings
  const options = settings.limited ?? limitArguments(limits)
  const limited = options.length === 0 ? [] : [prlimit, ...options, '--']
  const start = held ? ['/bin/sh', '-c', START_WHEN_RELEASED, 'janus-start'] : []
  return {
    options: optionsOf(settings),
    command: ['--', ...start, ...limited, command, ...args],
  }
}

function optionsOf({
  system,
  limits,
  readOnly,
  machine,
  writable = [],
  workspace,
  storage,
  insideUid,
  env,
  cwd,
}: SandboxArgumentSettings): readonly string[] {
  const { status, seccomp, passwd, hosts, nsswitch } = SANDBOX_DESCRIPTORS
  return [
    '--unshare-user',
    '--disable-userns',
    '--unshare-all',
    ...(insideUid === undefined ? [] : ['--uid', String(insideUid), '--gid', String(insideUid)]),
    '--die-with-parent',
    '--new-session',
    ...['--cap-drop', 'ALL'],
    '--clearenv',
    ...['--hostname', 'janus-sandbox'],
    ...system.flatMap(systemArguments),
    ...['--dir', '/etc'],
    ...['/etc/ld.so.cache', '/etc/alternatives', '/etc/ssl/certs'].flatMap((path) => ['--ro-bind-try', path, path]),
    ...['--ro-bind-data', String(passwd), '/etc/passwd'],
    ...['--ro-bind-data', String(hosts), '/etc/hosts'],
    ...['--ro-bind-data', String(nsswitch), '/etc/nsswitch.conf'],
    ...['--proc', '/proc'],
    ...['--dev', '/dev'],
    ...(storage === undefined ? temporaryArguments(limits.temporary) : storedArguments(storage)),
    ...(machine ? MACHINE_PATHS.flatMap((path) => ['--ro-bind-try', path, path]) : []),
    ...['--remount-ro', '/dev'],
    ...outermostFirst(readOnly).flatMap(({ source, target }) => ['--ro-bind', source, target]),
    ...outermostFirst(writable).flatMap(({ source, target }) => ['--bind', source, target]),
    ...(workspace === undefined ? [] : ['--bind', workspace.source, workspace.target]),
    ...['--chdir', cwd],
    ...Object.entries(env).flatMap(([name, value]) => ['--setenv', name, value]),
    ...['--remount-ro', '/'],
    ...['--seccomp', String(seccomp)],
    ...['--json-status-fd', String(status)],
  ]
}

/** Seconds between SIGXCPU and SIGKILL. */
const HARDER = 5

/** Options of prlimit for the limits of a process. */
export function limitArguments(limits: SandboxLimits): readonly string[] {
  const { processes, descriptors, fileSize, memory, addressSpace } = limits
  const cpu = cpuOf(limits)
  return [
    `--nproc=${processes}`,
    `--nofile=${descriptors}`,
    '--core=0',
    `--fsize=${fileSize}`,
    `--data=${memory}`,
    ...(addressSpace === undefined ? [] : [`--as=${addressSpace}`]),
    `--cpu=${cpu}:${cpu + HARDER}`,
  ]
}

function cpuOf({ cpu, wall }: SandboxLimits): number {
  return cpu ?? Math.max(1, Math.ceil((2 * wall) / 1000))
}

/** The launcher and who waits for it, and bubblewrap outside and inside, where the limit of processes is set before it. */
const OWN_PROCESSES = 4
const KIB = 1024

/**
 * The same as the options of bash's `ulimit`, each before its value, but for the number of processes where others of the same user would be counted too.
 * @param countsOwn true where the launcher is alone with its user in a user namespace, which counts by itself (user_namespaces(7), since Linux 5.14)
 */
export function ulimitArguments(limits: SandboxLimits, countsOwn: boolean): readonly string[] {
  const { processes, descriptors, fileSize, memory, addressSpace } = limits
  const cpu = cpuOf(limits)
  const pairs: readonly (readonly [string, number])[] = [
    ['-n', descriptors],
    ['-c', 0],
    ['-f', fileSize / KIB],
    ['-d', memory / KIB],
    ['-v', (addressSpace ?? Infinity) / KIB],
    ['-St', cpu],
    ['-Ht', cpu + HARDER],
    ['-u', countsOwn ? processes + OWN_PROCESSES : Infinity],
  ]
  return pairs.flatMap(([option, value]) => (Number.isFinite(value) ? [option, String(Math.floor(value))] : []))
}

/** Without temporary directories nothing at all can be written; /dev/shm then lies on the read-only /dev. */
function temporaryArguments(bytes: number): readonly string[] {
  if (bytes === 0) return []
  return [
    ...['--size', String(bytes), '--perms', '1777', '--tmpfs', '/dev/shm'],
    ...['--size', String(bytes), '--perms', '1777', '--tmpfs', '/tmp'],
    ...['--size', String(bytes), '--perms', '0700', '--tmpfs', SANDBOX_HOME],
  ]
}

function storedArguments(storage: string): readonly string[] {
  return [
    ...['--bind', `${storage}/shared`, '/dev/shm'],
    ...['--bind', `${storage}/temporary`, '/tmp'],
    ...['--bind', `${storage}/home`, SANDBOX_HOME],
  ]
}

function systemArguments(directory: SystemDirectory): readonly string[] {
  return directory.kind === 'link'
    ? ['--symlink', directory.link, directory.path]
    : ['--ro-bind', directory.path, directory.path]
}

/** A directory that is mounted later would hide what lies in it. */
function outermostFirst(binds: readonly ResolvedBind[]): readonly ResolvedBind[] {
  return [...binds].sort((one, other) => one.target.length - other.target.length)
}
