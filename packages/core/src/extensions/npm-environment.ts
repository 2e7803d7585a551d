/** What of an npm above us still holds for one that looks at nothing of its project. */
const OF_THE_USER: ReadonlySet<string> = new Set([
  'npm_config_userconfig',
  'npm_config_globalconfig',
  'npm_config_cache',
])

/**
 * The environment for an npm of our own. Run by npm (`npx`, a script), we find in ours all that npm is configured for, the
 * `.npmrc` of the project somebody stands in included: its registry must not become that of an extension. Only where the
 * user's own files lie is kept, unless that is in the project. Outside of npm every variable is the user's.
 */
export function npmEnvironment(env: Readonly<Record<string, string | undefined>>): Readonly<Record<string, string>> {
  const isBelowNpm = ['npm_lifecycle_event', 'npm_command', 'npm_execpath'].some((name) => env[name] !== undefined)
  const project = env.npm_config_local_prefix
  const isKept = (name: string, value: string): boolean => {
    if (!isBelowNpm || !name.startsWith('npm_config_')) return true
    return OF_THE_USER.has(name) && value.startsWith('/') && !(project !== undefined && value.startsWith(`${project}/`))
  }
  return Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) => (value !== undefined && isKept(name, value) ? [[name, value]] : [])),
  )
}
