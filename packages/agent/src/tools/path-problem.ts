/** Where paths may lead. */
export interface PathBounds {
  /** Absolute directories besides the workspace. */
  readonly below: readonly string[]
  /** Where relative ones begin. Default: the workspace. */
  readonly workingDirectory?: string | undefined
}

/** Where every run finds its workspace. */
export const WORKSPACE = '/workspace'

/** PATH_MAX with its NUL, and NAME_MAX of Linux, in bytes. */
const MOST_PATH_BYTES = 4095
const MOST_NAME_BYTES = 255
const SCHEME = /^[a-z][a-z0-9+.-]*:\/\//iu
/** A dot, a slash, a backslash, a percent sign or a NUL in disguise: whoever writes them so wants something to undo it. */
const DISGUISED = /%(?:2e|2f|5c|25|00)/iu

/**
 * Why a path does not stay where it may: walked component by component, as the kernel will, without looking at any disk. Links are the sandbox's to hold.
 * Undefined when it stays.
 */
export function pathProblem(path: string, { below, workingDirectory = WORKSPACE }: PathBounds): string | undefined {
  if (path === '') return 'is empty'
  if (path.includes('\0')) return 'holds a NUL'
  if (Buffer.byteLength(path) > MOST_PATH_BYTES) return `is longer than ${MOST_PATH_BYTES} bytes`
  if (SCHEME.test(path)) return 'is an address and no path'
  if (DISGUISED.test(path)) return 'hides a character behind a %'
  const components = path.split('/').filter((component) => component !== '' && component !== '.')
  if (components.some((component) => Buffer.byteLength(component) > MOST_NAME_BYTES))
    return `has a name longer than ${MOST_NAME_BYTES} bytes`
  // Even where it would come out inside again: nobody needs it, and a link on the way makes it lead elsewhere.
  if (components.includes('..')) return 'climbs out of a directory'
  const absolute = path.startsWith('/') ? `/${components.join('/')}` : [workingDirectory, ...components].join('/')
  const allowed = [WORKSPACE, ...below]
  if (allowed.some((directory) => absolute === directory || absolute.startsWith(`${directory}/`))) return undefined
  return `is outside of ${allowed.join(', ')}`
}
