import { stat } from 'node:fs/promises'
import type { ResolvedBind } from './sandbox-arguments.js'
import type { SandboxIdentity } from './sandbox-identity.js'

/** How a sandbox is started when root must first put what it shows where an unprivileged user can reach it. */
export interface StagedLaunch {
  readonly command: string
  /** To be followed by the program and its arguments. */
  readonly args: readonly string[]
  /** The binds with their sources on the stage. */
  readonly binds: readonly ResolvedBind[]
}

/** Directories that a file system can be laid over, in a mount namespace that only the sandbox has. */
const STAGES = ['/mnt', '/media', '/srv', '/opt', '/tmp']

/**
 * Mounts in a namespace of its own that ends with the process; the paths come as arguments, never as part of the text.
 * The last line gives up root for good.
 */
const SCRIPT = `set -e
stage=$1 uid=$2 gid=$3 left=$4
shift 4
mount -t tmpfs -o size=1m,mode=0755,nosuid,nodev janus-stage "$stage"
number=0
while [ "$number" -lt "$left" ]; do
  if [ -d "$1" ]; then mkdir "$stage/$number"; else : >"$stage/$number"; fi
  mount --bind -- "$1" "$stage/$number"
  number=$((number + 1))
  shift
done
exec setpriv --reuid "$uid" --regid "$gid" --clear-groups --inh-caps=-all --bounding-set=-all --no-new-privs -- "$@"
`

/**
 * The launch that stages these binds: directories under /root, say, which the user of the sandbox cannot reach by their
 * path. Nothing of the host changes.
 */
export async function stagedLaunch(binds: readonly ResolvedBind[], identity: SandboxIdentity): Promise<StagedLaunch> {
  const stage = await freeStage(binds)
  const sources = binds.map(({ source }) => source)
  return {
    command: '/usr/bin/unshare',
    args: [
      ...['--mount', '--propagation', 'private', '--'],
      ...['/bin/sh', '-c', SCRIPT, 'janus-stage'],
      ...[stage, String(identity.uid), String(identity.gid), String(sources.length), ...sources],
    ],
    binds: binds.map(({ target }, index) => ({ source: `${stage}/${index}`, target })),
  }
}

async function freeStage(binds: readonly ResolvedBind[]): Promise<string> {
  for (const stage of STAGES) {
    if (binds.some(({ source }) => source.startsWith(`${stage}/`))) continue
    if (
      await stat(stage).then(
        (stats) => stats.isDirectory(),
        () => false,
      )
    )
      return stage
  }
  throw new Error('there is no directory to stage on')
}
