import { posix } from 'node:path'

/** System calls that change something by themselves (design 6.1), with the place of the paths among their string arguments. */
const CHANGING = {
  creat: 1,
  mkdir: 1,
  mkdirat: 1,
  mknod: 1,
  mknodat: 1,
  link: 2,
  linkat: 2,
  symlink: 2,
  symlinkat: 2,
  rename: 2,
  renameat: 2,
  renameat2: 2,
  unlink: 1,
  unlinkat: 1,
  rmdir: 1,
  chmod: 1,
  fchmodat: 1,
  fchmodat2: 1,
  chown: 1,
  lchown: 1,
  fchownat: 1,
  truncate: 1,
  setxattr: 1,
  lsetxattr: 1,
  removexattr: 1,
  lremovexattr: 1,
  utime: 1,
  utimes: 1,
  futimesat: 1,
  utimensat: 1,
  fchmod: 0,
  fchown: 0,
  ftruncate: 0,
  fallocate: 0,
  fsetxattr: 0,
  fremovexattr: 0,
  mount: 2,
  umount2: 1,
  pivot_root: 2,
  move_mount: 2,
  fsmount: 0,
  mount_setattr: 1,
  swapon: 1,
  swapoff: 1,
}

const SIGNALS = ['kill', 'tkill', 'tgkill', 'rt_sigqueueinfo', 'rt_tgsigqueueinfo', 'pidfd_send_signal']
const MODULES = ['init_module', 'finit_module', 'delete_module']
const OPENS = ['open', 'openat', 'openat2']
const WRITES = ['write', 'pwrite64', 'writev', 'pwritev', 'pwritev2', 'sendfile', 'splice', 'copy_file_range']

// What changes the kernel by a way that this list cannot look into is a finding whatever it does.
const OPAQUE = [
  'io_uring_setup',
  'bpf',
  'ptrace',
  'reboot',
  'sethostname',
  'settimeofday',
  'clock_settime',
  'setns',
  'unshare',
]

/** All that strace has to record. */
export const tracedCalls = [...Object.keys(CHANGING), ...SIGNALS, ...MODULES, ...OPENS, ...WRITES, ...OPAQUE]

/**
 * The calls that changed something, as `{ kind, path?, value?, line }`. Left out: calls that failed, and opening the null
 * device, terminals, pipes and sockets.
 * - `open`: a file was opened for writing or created; `path` is the real one.
 * - `write`: `value` was written to an attribute of the kernel.
 * - `module`: a kernel module was loaded from the file `path`, or removed by its name `path`.
 * - `signal`: a process was signalled. - `other`: the rest, with every path it was about in `paths`.
 */
export function mutationsIn(calls) {
  return calls.flatMap((call) => (call.result.startsWith('-') ? [] : mutationOf(call)))
}

function mutationOf(call) {
  const { name, line } = call
  if (OPENS.includes(name)) return openedForWriting(call)
  if (WRITES.includes(name)) return writtenToKernel(call)
  if (MODULES.includes(name))
    return [{ kind: 'module', path: name === 'delete_module' ? call.strings[0] : call.paths[0], line }]
  // Signal 0 only asks whether the process is there.
  if (SIGNALS.includes(name)) return /, 0(, |$)/.test(call.args) ? [] : [{ kind: 'signal', line }]
  if (name in CHANGING) return [{ kind: 'other', paths: pathsOf(call, CHANGING[name]), line }]
  return OPAQUE.includes(name) ? [{ kind: 'other', paths: [], line }] : []
}

function openedForWriting({ args, returned, strings, line }) {
  if (!/O_WRONLY|O_RDWR|O_CREAT|O_TRUNC/.test(args)) return []
  const path = returned ?? strings[0]
  return isHarmlessDevice(path) ? [] : [{ kind: 'open', path, line }]
}

function writtenToKernel({ name, paths, strings, line }) {
  const path = paths[name === 'splice' || name === 'copy_file_range' ? 1 : 0] ?? ''
  return /^\/(sys|proc)\//.test(path) ? [{ kind: 'write', path, value: strings.join(''), line }] : []
}

/** By name, or by descriptor where the call takes one. */
function pathsOf({ name, paths, strings }, named) {
  if (named === 0) return paths.slice(0, 1)
  const about = name.startsWith('symlink') ? strings.slice(1, 2) : strings.slice(0, named)
  const relative = about.filter((path) => !path.startsWith('/'))
  if (relative.length === 0) return about
  return about.map((path, index) => posix.resolve(paths[Math.min(index, paths.length - 1)] ?? '/', path))
}

function isHarmlessDevice(path) {
  return /^(\/dev\/(null|tty|console|pts\/.*|tty\w+)|pipe:\[.*|socket:\[.*|anon_inode:.*)$/.test(path)
}
