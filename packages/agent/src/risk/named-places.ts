/** Paths from the root in an argument, also behind `=`, `@`, `:`, `file://`, or glued to an option. */
export function pathsIn(word: string): readonly string[] {
  if (isAddress(word)) return []
  return word
    .replace(/^file:\/\//iu, '')
    .split(/[=@:,\s"']/u)
    .map((part) => part.replace(/^-[^/]*(?=\/)/u, ''))
    .filter((part) => /^(?:\/|~)/u.test(part))
    .map((part) => (part.startsWith('~') ? '/home' : part.replace(/\/{2,}/gu, '/').replace(/\/\.(?=\/|$)/gu, '')))
}

/** True for an argument that is an address on a network. */
export function isAddress(word: string): boolean {
  return /^(?:https?|ftps?|sftp|ssh|git|rsync|ws|wss|ldap|smb|telnet|gopher|dict|tftp):\/\//iu.test(word)
}

/** The host of an argument that is an address on a network; undefined for another, the whole argument for one that names none. */
export function hostIn(word: string): string | undefined {
  if (!isAddress(word)) return undefined
  try {
    return new URL(word).hostname.replace(/\.$/u, '').toLowerCase()
  } catch {
    return word
  }
}
