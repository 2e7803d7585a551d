import { posix } from 'node:path'

/** Below a home: keys, passwords, sessions. Never shown, nor anything in them. */
const SECRETS = [
  ...['.ssh', '.gnupg', '.aws', '.azure', '.kube', '.docker', '.pki', '.password-store', '.mozilla', '.thunderbird'],
  ...['.config/gcloud', '.config/gh', '.config/op', '.config/sops', '.config/google-chrome', '.config/chromium'],
  '.local/share/keyrings',
]
/** A home may be a project too; these are code of Yarn's that a child needs, and hold no secret. */
const YARN_FILES = ['.pnp.cjs', '.pnp.loader.mjs']
/** Below a home: what holds the hidden files of many programs. A directory in it may belong to one. */
const SHARED = ['.local/share', '.local/state', '.local/lib']

/**
 * The homes that a path may lie in: the caller's, root's, and the one that `/home` names.
 * @param home of the caller, without links
 */
export function homesAround(path: string, home: string): readonly string[] {
  const [, first, user] = path.split('/')
  return [home, '/root', ...(first === 'home' && user !== undefined ? [`/home/${user}`] : [])]
}

/** True for a hidden directory of a home as a whole, and for anything in those that hold secrets. */
export function isPrivatePlace(path: string, home: string): boolean {
  return homesAround(path, home).some((directory) => {
    const inside = posix.relative(directory, path)
    if (YARN_FILES.includes(inside)) return false
    if (/^\.[^/.][^/]*$/.test(inside) || SHARED.includes(inside)) return true
    return SECRETS.some((secret) => inside === secret || inside.startsWith(`${secret}/`))
  })
}
