import { realpath, stat } from 'node:fs/promises'
import { homedir } from 'node:os'
import { posix } from 'node:path'
import { janusError } from '../errors/janus-error.js'
import { isWithin } from './is-within.js'
import { isPrivatePlace } from './private-places.js'
import type { ResolvedBind } from './sandbox-arguments.js'
import type { SandboxBind } from './sandbox-request.js'

/** Of the kernel, of running services, and what holds other people's files: never shown as a whole, nor from inside. */
const NEVER_WITHIN = ['/proc', '/sys', '/dev', '/run', '/var/run', '/boot', '/etc']
const NEVER_WHOLE = ['/', '/home', '/root', '/var', '/var/lib', '/tmp', '/var/tmp', '/opt', '/srv', '/mnt', '/media']
/** What the sandbox itself puts there cannot be covered. */
const OWN_TARGETS = ['/usr', '/bin', '/sbin', '/lib', '/lib64', '/proc', '/dev', '/etc']

/**
 * Follows the links of what is to be shown and refuses what must not be.
 * @param home of the caller; it, its hidden directories, and what it lies in, are never shown
 * @throws JANUS_SANDBOX_BIND_REFUSED naming the path
 */
export async function resolveBinds(
  binds: readonly SandboxBind[],
  home: string = homedir(),
): Promise<readonly ResolvedBind[]> {
  const resolved = await Promise.all(binds.map((bind) => resolveBind(bind, home)))
  return resolved.filter(
    (bind, index) =>
      !isShownAlready(bind) &&
      !resolved.some(
        (other, position) => position !== index && covers(other, bind) && (position < index || !covers(bind, other)),
      ),
  )
}

async function resolveBind({ source, target }: SandboxBind, home: string): Promise<ResolvedBind> {
  requirePlainPath(source)
  const real = await realpath(source).catch((cause: unknown) => {
    throw refused(source, 'it cannot be read', cause)
  })
  if (
    NEVER_WITHIN.some((directory) => isWithin(directory, real)) ||
    NEVER_WHOLE.includes(real) ||
    posix.dirname(real) === '/home'
  )
    throw refused(real, 'it holds more than one program may see')
  const realHome = await realpath(home).catch(() => home)
  if (home !== '/' && isWithin(real, realHome)) throw refused(real, 'the home directory lies in it')
  if (isPrivatePlace(real, realHome)) throw refused(real, 'it is what a home hides')
  const stats = await stat(real)
  if (!stats.isDirectory() && !stats.isFile()) throw refused(real, 'it is neither a directory nor a file')
  const inside = target ?? real
  requirePlainPath(inside)
  if (inside !== real && (inside === '/' || OWN_TARGETS.some((own) => isWithin(own, inside))))
    throw refused(inside, 'the sandbox has its own there')
  return { source: real, target: inside }
}

function requirePlainPath(path: string): void {
  if (path.startsWith('/') && posix.normalize(path) === path && !path.includes('\0')) return
  throw refused(path, 'it is not an absolute, normalised path')
}

/** /usr is shown always. */
function isShownAlready({ source, target }: ResolvedBind): boolean {
  return source === target && isWithin('/usr', source)
}

/** True when the second is seen through the first, at the same place. */
function covers(outer: ResolvedBind, inner: ResolvedBind): boolean {
  if (!isWithin(outer.source, inner.source) || !isWithin(outer.target, inner.target)) return false
  return posix.relative(outer.source, inner.source) === posix.relative(outer.target, inner.target)
}

function refused(path: string, why: string, cause?: unknown): Error {
  return janusError('JANUS_SANDBOX_BIND_REFUSED', `${JSON.stringify(path)} is not shown to a sandbox: ${why}`, {
    data: { path },
    ...(cause === undefined ? {} : { cause }),
  })
}
