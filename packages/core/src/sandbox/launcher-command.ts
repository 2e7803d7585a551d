import { stat } from 'node:fs/promises'
import { isWithin } from './is-within.js'
import type { ResolvedBind } from './sandbox-arguments.js'
import type { SandboxIdentity } from './sandbox-identity.js'

/** Bounds of everything that a sandbox writes, together. */
export interface SandboxStorage {
  readonly bytes: number
  readonly inodes: number
}

/** Modes of the pipes that become the streams of a program: whoever it runs as, other than their owner, can use them as they are meant and no other way. */
export const STREAM_MODES = { input: 0o604, output: 0o602, errors: 0o602 } as const

/** How a launcher is started, as the first process of a namespace: the only child of what is started here. */
export interface LauncherCommand {
  readonly command: string
  readonly args: readonly string[]
  /** Directory, in the launcher's own view of the mounts, that its files lie in: see {@link LAUNCHER_FILES}. */
  readonly stage: string
  /** Directory on the stage where what may be written lies. */
  readonly storage: string
  /** User and group inside, where the launcher is root in a user namespace of its own. */
  readonly insideUid: number
  /** Where the launcher finds what a bind shows. */
  locate(bind: ResolvedBind): ResolvedBind
  reaches(bind: ResolvedBind): boolean
}

/** Files of a launcher, by name on its stage. No program that it starts is shown them. */
export const LAUNCHER_FILES = {
  /** The limits, and the command line of bubblewrap. */
  words: 'words',
  options: 'options',
  filter: 'filter',
  hosts: 'hosts',
  nsswitch: 'nsswitch',
  /** The file of users; and the pipe that it comes through when the set-up is to be held until then. */
  users: 'users',
  held: 'held',
  /** Pipes. */
  input: 'input',
  output: 'output',
  errors: 'errors',
} as const

/** Names as {@link LAUNCHER_FILES} for a program without input. */
export const NO_INPUT = 'none'

const SETPRIV = '/usr/bin/setpriv'
/** Nobody, as the kernel names whom it cannot name. */
const INSIDE_UID = 65_534
/** Directories that a file system can be laid over, in a mount namespace that only the sandbox has. */
const STAGES = ['/mnt', '/media', '/srv', '/opt', '/tmp']
const STORAGE = 'storage'

/**
 * Mounts in a namespace of its own that ends with the process; what is mounted comes as arguments, never as part of the text. What it forks is the first process
 * of a namespace, and it waits for that; what a shell says of a child that was killed nobody is told. That process enters its cgroups itself (0: who writes):
 * the kernel need not wait until no process anywhere begins or ends, as it does for whoever is put in by somebody else. Bubblewrap looks for its first process
 * by the number that it has in that namespace, so /proc is of that one.
 */
const MOUNT = `exec 9>&2 2>/dev/null
(
set -e
exec 2>&9 9</dev/null
stage=$1 bytes=$2 inodes=$3 left=$4 cgroups=$5
shift 5
while [ "$cgroups" -gt 0 ]; do
  echo 0 >"$1"
  cgroups=$((cgroups - 1))
  shift
done
umask 022
mount -t tmpfs -o "size=64m,nr_inodes=$((left + 64)),mode=0755,nosuid,nodev" janus-launcher "$stage"
mkdir "$stage/${STORAGE}"
mount -t tmpfs -o "size=$bytes,nr_inodes=$inodes,mode=0755,nosuid,nodev" janus-storage "$stage/${STORAGE}"
for name in words options filter hosts nsswitch users; do : >"$stage/$name"; done
mkfifo -m ${STREAM_MODES.input.toString(8)} "$stage/input" "$stage/held"
mkfifo -m ${STREAM_MODES.output.toString(8)} "$stage/output" "$stage/errors"
number=0
while [ "$number" -lt "$left" ]; do
  if [ -d "$1" ]; then mkdir "$stage/$number"; else : >"$stage/$number"; fi
  mount --bind -- "$1" "$stage/$number"
  number=$((number + 1))
  shift
done
mount -t proc -o nosuid,nodev,noexec janus-proc /proc
exec "$@"
)
status=$?
[ "$status" -ne 137 ] || kill -s KILL $$
exit "$status"
`

/**
 * Starts one program after the other, when it is told to on descriptor 10 and then with what its files hold, and says on descriptor 3 how each ended. A line
 * that was cut short, because whoever wrote it is gone, starts nothing, and neither do words that do not end with \`launch\`. What stays here for the next
 * program is no descriptor of the one before: only this shell has descriptor 10, and what else it was started with is closed: an open file, with its flags, its
 * owner and what it is of, would be the same in every program. When a signal has ended bubblewrap, or the program, this shell ends too, and with
 * it whatever may be left: bubblewrap may have been killed before its first process was bound to it.
 */
const LAUNCH = `stage=$1
exec </dev/null >/dev/null 2>&1
for path in /proc/self/fd/*; do
  descriptor=\${path##*/}
  case $descriptor in 0 | 1 | 2 | 3 | 10) ;; *) exec {descriptor}<&- ;; esac
done
while :; do
  (
    printf '{"parked":true}\\n' >&3
    read -r -u 10 input users || exit 125
    exec 10<&- || exit 125
    mapfile -d '' words <"$stage/words" || exit 125
    [ "\${#words[@]}" -gt 1 ] && [ "\${words[-1]}" = launch ] || exit 125
    unset 'words[-1]'
    set -- "\${words[@]}"
    [ "$input" = none ] && exec </dev/null || exec <"$stage/$input" || exit 125
    exec 4<"$stage/filter" 5<"$stage/options" 6<"$stage/$users" 7<"$stage/hosts" 8<"$stage/nsswitch" || exit 125
    exec >"$stage/output" 2>"$stage/errors" || exit 125
    while [ "$1" != -- ]; do ulimit "$1" "$2" 2>/dev/null; shift 2; done
    shift
    exec "$@"
  )
  status=$?
  [ "$status" -lt 128 ] || exit "$status"
  printf '{"ended":%d}\\n' "$status" >&3
  read -r -u 10 next || exit 0
done
`

/**
 * The launch of a process that has the mounts, the user and the end of a sandbox already, and starts programs in it. For root it drops to the given user; for
 * others it is root of a user namespace of its own, which is what may mount (user_namespaces(7)).
 * @param binds shown from the stage, because their paths cannot be reached otherwise
 * @param cgroups files by which a process enters a cgroup
 */
export async function launcherCommand({
  storage,
  binds,
  cgroups,
  identity,
}: {
  readonly storage: SandboxStorage
  readonly binds: readonly ResolvedBind[]
  readonly cgroups: readonly string[]
  readonly identity: SandboxIdentity | undefined
}): Promise<LauncherCommand> {
  const stage = await freeStage(binds)
  const sources = binds.map(({ source }) => source)
  const staged = new Map(sources.map((source, index) => [source, `${stage}/${index}`]))
  return {
    command: SETPRIV,
    args: [
      // Bubblewrap binds its first process to itself only when that is set up: until then whoever kills bubblewrap would leave it. Here everything ends with
      // the first process of a namespace (pid_namespaces(7)), which is the launcher.
      ...['--pdeathsig', 'KILL', '--', '/usr/bin/unshare'],
      ...(identity === undefined ? ['--user', '--map-root-user'] : []),
      ...['--mount', '--propagation', 'slave', '--pid', '--'],
      ...['/bin/sh', '-c', MOUNT, 'janus-storage'],
      ...[stage, String(storage.bytes), String(storage.inodes)],
      ...[String(sources.length), String(cgroups.length), ...cgroups, ...sources],
      ...[
        SETPRIV,
        // Again: a child does not have it, and a change of the user takes it away (PR_SET_PDEATHSIG(2const)).
        '--pdeathsig',
        'KILL',
        '--no-new-privs',
        ...(identity === undefined ? [] : dropTo(identity)),
        '--',
      ],
      ...['/bin/bash', '--noprofile', '--norc', '-c', LAUNCH, 'janus-launcher', stage],
    ],
    stage,
    storage: `${stage}/${STORAGE}`,
    insideUid: INSIDE_UID,
    locate: (bind) => ({ ...bind, source: staged.get(bind.source) ?? bind.source }),
    reaches: ({ source }) => staged.has(source) || !isWithin(stage, source),
  }
}

function dropTo({ uid, gid }: SandboxIdentity): readonly string[] {
  return ['--reuid', String(uid), '--regid', String(gid), '--clear-groups', '--inh-caps=-all', '--bounding-set=-all']
}

async function freeStage(binds: readonly ResolvedBind[]): Promise<string> {
  for (const stage of STAGES) {
    if (binds.some(({ source }) => isWithin(stage, source))) continue
    const isDirectory = await stat(stage).then(
      (stats) => stats.isDirectory(),
      () => false,
    )
    if (isDirectory) return stage
  }
  throw new Error('there is no directory to stage on')
}
