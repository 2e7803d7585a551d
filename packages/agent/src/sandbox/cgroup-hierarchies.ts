import { posix } from 'node:path'

/** A hierarchy of cgroups, and where in it this process is. */
export interface CgroupHierarchy {
  readonly version: 1 | 2
  /** Controllers of a hierarchy of version 1; those of version 2 are told by its files. */
  readonly controllers: readonly string[]
  /** Directory of the cgroup that this process is in. */
  readonly own: string
}

/**
 * The hierarchies of this machine that can be seen here (cgroups(7)).
 * @param mountinfo text of /proc/self/mountinfo (proc_pid_mountinfo(5))
 * @param membership text of /proc/self/cgroup
 */
export function cgroupHierarchies(mountinfo: string, membership: string): readonly CgroupHierarchy[] {
  const mounts = mountinfo.split('\n').flatMap(cgroupMount)
  return membership.split('\n').flatMap((line) => {
    const [, names, path] = /^\d+:([^:]*):(\/.*)$/.exec(line) ?? []
    if (names === undefined || path === undefined) return []
    const controllers = names === '' ? [] : names.split(',')
    const mount = mounts.find((candidate) =>
      names === ''
        ? candidate.version === 2
        : candidate.version === 1 && controllers.every((name) => candidate.options.includes(name)),
    )
    const below = mount === undefined ? undefined : pathBelow(mount.root, path)
    if (mount === undefined || below === undefined) return []
    return [{ version: mount.version, controllers, own: posix.join(mount.at, below) }]
  })
}

interface CgroupMount {
  readonly version: 1 | 2
  readonly root: string
  readonly at: string
  readonly options: readonly string[]
}

function cgroupMount(line: string): readonly CgroupMount[] {
  const [before = '', after = ''] = line.split(' - ')
  const [, , , root, at] = before.split(' ')
  const [type, , options = ''] = after.split(' ')
  if (root === undefined || at === undefined) return []
  if (type === 'cgroup2') return [{ version: 2, root, at, options: [] }]
  return type === 'cgroup' ? [{ version: 1, root, at, options: options.split(',') }] : []
}

/** In a container a hierarchy may be mounted from below its root. */
function pathBelow(root: string, path: string): string | undefined {
  if (root === '/') return path
  if (path === root) return '/'
  return path.startsWith(`${root}/`) ? path.slice(root.length) : undefined
}
