import { stat } from 'node:fs/promises'
import { isWithin } from './is-within.js'
import type { ResolvedBind } from './sandbox-arguments.js'
import type { SandboxIdentity } from './sandbox-identity.js'

/** Bounds of everything that a sandbox writes, together. */
export interface SandboxStorage {
  readonly bytes: number
  readonly inodes: number
}

/** How a launcher is started that waits for its command, as the first process of a namespace: the only child of what is started here. */
export interface ParkedLaunch {
  readonly command: string
  readonly args: readonly string[]
  /** Directory, in the launcher's own view of the mounts, where what may be written lies. */
  readonly stage: string
  /** User and group inside, where the launcher is root in a user namespace of its own. */
  readonly insideUid: number
  /** Where the launcher finds what a bind shows. */
  locate(bind: ResolvedBind): ResolvedBind
  reaches(bind: ResolvedBind): boolean
}

/** Directories of the storage; each is shown at a place of its own. */
export const STORAGE_DIRECTORIES = ['workspace', 'temporary', 'shared', 'home'] as const

const SETPRIV = '/usr/bin/setpriv'
/** Nobody, as the kernel names whom it cannot name. */
const INSIDE_UID = 65_534
/** Directories that a file system can be laid over, in a mount namespace that only the sandbox has. */
const STAGES = ['/mnt', '/media', '/srv', '/opt', '/tmp']

/**
 * Mounts in a namespace of its own that ends with the process; what is mounted comes as arguments, never as part of the text. What it forks is the first process
 * of a namespace, and it waits for that; what a shell says of a child that was killed nobody is told. That process enters its cgroups itself (0: who writes):
 * the kernel need not wait until no process anywhere begins or ends, as it does for whoever is put in by somebody else.
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
mount -t tmpfs -o "size=$bytes,nr_inodes=$inodes,mode=0755,nosuid,nodev" janus-storage "$stage"
number=0
while [ "$number" -lt "$left" ]; do
  if [ -d "$1" ]; then mkdir "$stage/$number"; else : >"$stage/$number"; fi
  mount --bind -- "$1" "$stage/$number"
  number=$((number + 1))
  shift
done
exec "$@"
)
status=$?
[ "$status" -ne 137 ] || kill -s KILL $$
exit "$status"
`

/** Waits for a command that ends with the word \`launch\`: what was cut short, because whoever wrote it is gone, is never run. */
const PARK = `printf '{"parked":true}\\n' >&3
mapfile -d '' -u 10 words || exit 125
exec 10<&-
[ "\${#words[@]}" -gt 1 ] && [ "\${words[-1]}" = launch ] || exit 125
unset 'words[-1]'
set -- "\${words[@]}"
while [ "$1" != -- ]; do ulimit "$1" "$2" 2>/dev/null; shift 2; done
shift
exec "$@"
`

/**
 * The launch of a process that has the mounts, the user and the end of a sandbox already, and waits for its command on descriptor 10. For root it drops to
 * the given user; for others it is root of a user namespace of its own, which is what may mount (user_namespaces(7)).
 * @param binds shown from the stage, because their paths cannot be reached otherwise
 * @param cgroups files by which a process enters a cgroup
 */
export async function parkedLaunch({
  storage,
  binds,
  cgroups,
  identity,
}: {
  readonly storage: SandboxStorage
  readonly binds: readonly ResolvedBind[]
  readonly cgroups: readonly string[]
  readonly identity: SandboxIdentity | undefined
}): Promise<ParkedLaunch> {
  const stage = await freeStage(binds)
  const sources = binds.map(({ source }) => source)
  const staged = new Map(sources.map((source, index) => [source, `${stage}/${index}`]))
  return {
    command: SETPRIV,
    args: [
      // Bubblewrap binds its first process to itself only when that is set up: until then whoever kills bubblewrap would leave it. Here everything ends with
      // the first process of a namespace (pid_namespaces(7)), which is bubblewrap.
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
      ...['/bin/bash', '--noprofile', '--norc', '-c', PARK, 'janus-parked'],
    ],
    stage,
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
