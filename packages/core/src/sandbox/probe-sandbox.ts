import { execFile } from 'node:child_process'
import { access, constants } from 'node:fs/promises'
import { promisify } from 'node:util'
import { isJanusError, janusError } from '../errors/janus-error.js'
import { runSandboxed, type SandboxTools } from './run-sandboxed.js'
import type { SandboxIdentity } from './sandbox-identity.js'
import type { SandboxBind, SandboxResult } from './sandbox-request.js'
import { sandboxArchitecture } from './seccomp-program.js'

/** How the sandbox of this machine is looked for. */
export interface SandboxSettings {
  /** Path of bubblewrap. Default: the first of the usual places where it is. */
  readonly program?: string
  /** User that root becomes. Default: one without a name, chosen anew for each run. */
  readonly identity?: SandboxIdentity
}

/** A sandbox that was tried on this machine. */
export interface SandboxFacts extends SandboxTools {
  readonly version: string
}

const PLACES = ['/usr/bin/bwrap', '/usr/local/bin/bwrap', '/bin/bwrap', '/run/current-system/sw/bin/bwrap']
const PRLIMIT_PLACES = ['/usr/bin/prlimit', '/usr/local/bin/prlimit', '/bin/prlimit']
const OLDEST = { major: 0, minor: 8 }
const TRIAL_DEADLINE = 20_000
/** Two paths and what is between them. */
const LONGEST_LINE = 1_000
/** What bubblewrap, and mount on a stage, say of one path. */
const MOUNT_FAILURE =
  /^(bwrap: Can't (find source path|bind mount|mkdir|create file|get type|chdir|make)|mount: |mkdir: |janus-stage: )/

/** What bubblewrap says of a path that it was told to show, or of the program, where the machine has none. */
const MISSING = /(?:source path|execvp) (\/[^:]+): No such file or directory$/

const INSTALL =
  'Install bubblewrap 0.8 or newer: `apt-get install bubblewrap` (Debian 12, Ubuntu 24.04 or later), `dnf install bubblewrap`, `pacman -S bubblewrap`.'
const USER_NAMESPACES =
  'Allow user namespaces to unprivileged programs. Ubuntu 24.04 and later: `apt-get install apparmor-profiles`, then load its profile: `ln -s /usr/share/apparmor/extra-profiles/bwrap-userns-restrict /etc/apparmor.d/ && systemctl reload apparmor`. Elsewhere: `sysctl user.max_user_namespaces=15000`, on older Debian also `sysctl kernel.unprivileged_userns_clone=1`. In a container: it must be started with a seccomp profile that lets it.'

/**
 * Looks for bubblewrap and tries the whole sandbox with a real program, which must see itself without capabilities and
 * behind a filter.
 * @throws JANUS_SANDBOX_UNAVAILABLE with the remedy for its cause; there is no weaker sandbox to fall back to
 */
export async function probeSandbox(settings: SandboxSettings = {}): Promise<SandboxFacts> {
  const architecture = sandboxArchitecture()
  if (architecture === undefined || process.platform !== 'linux') {
    throw unavailable(
      `there is no filter for system calls of ${process.platform} on ${process.arch}`,
      'Run Janus on x86_64 or aarch64.',
    )
  }
  const program = await firstExecutable(settings.program === undefined ? PLACES : [settings.program])
  if (program === undefined) throw unavailable('bubblewrap is not installed', INSTALL, { cause: 'missing' })
  const prlimit = await firstExecutable(PRLIMIT_PLACES)
  if (prlimit === undefined) {
    throw unavailable('prlimit is not installed', 'Install util-linux: `apt-get install util-linux`.', {
      cause: 'missing',
    })
  }
  const version = await versionOf(program)
  const tools = {
    program,
    prlimit,
    architecture,
    ...(settings.identity === undefined ? {} : { identity: settings.identity }),
  }
  await tryIt(tools)
  return { ...tools, version }
}

async function firstExecutable(paths: readonly string[]): Promise<string | undefined> {
  for (const path of paths) {
    if (
      await access(path, constants.X_OK).then(
        () => true,
        () => false,
      )
    )
      return path
  }
  return undefined
}

async function versionOf(program: string): Promise<string> {
  const output = await promisify(execFile)(program, ['--version'], { env: {}, timeout: 5_000 }).catch(
    (cause: unknown) => {
      throw unavailable(`${program} does not say its version`, INSTALL, { cause: 'broken' }, cause)
    },
  )
  const [version = '', major = '', minor = ''] = /(\d+)\.(\d+)[.\d]*/.exec(output.stdout) ?? []
  const isOld = Number(major) === OLDEST.major && Number(minor) < OLDEST.minor
  if (version === '' || isOld) {
    throw unavailable(`${program} is version ${version || 'unknown'}, which is too old`, INSTALL, {
      cause: 'too-old',
      version,
    })
  }
  return version
}

async function tryIt(tools: SandboxTools): Promise<void> {
  const result = await runSandboxed(tools, {
    command: '/usr/bin/cat',
    args: ['/proc/self/status'],
    startsProcesses: false,
    limits: { wall: TRIAL_DEADLINE, grace: 0 },
  }).catch((error: unknown) => {
    if (isJanusError(error) && error.code !== 'JANUS_SANDBOX_UNAVAILABLE') throw error
    throw unavailable('a sandbox could not be started', INSTALL, { cause: 'broken' }, error)
  })
  if (result.started && result.exitCode === 0) {
    const wanted = [/^NoNewPrivs:\s+1$/m, /^Seccomp:\s+2$/m, /^CapEff:\s+0+$/m, /^CapBnd:\s+0+$/m]
    if (wanted.every((line) => line.test(result.stdout))) return
    throw unavailable('a program in the sandbox is not held by it', INSTALL, { cause: 'not-held' })
  }
  throw sandboxFailure(result)
}

/**
 * Why a sandbox that was tried before was not set up this time: what it was to be shown, unless bubblewrap says that
 * the machine has none any more.
 */
export function bindFailure(
  result: Pick<SandboxResult, 'stderr' | 'timedOut'>,
  readOnly: readonly SandboxBind[],
): Error {
  const said = firstLineOf(result)
  const shown = readOnly.flatMap(({ source, target = source }) => [target, source])
  const named = shown.filter((path) => said.includes(path)).sort((one, other) => other.length - one.length)
  const [path = /(?:\/newroot|\/oldroot|source path )(\/[^:]+?)(?::| on |$)/.exec(said)?.[1]] = named
  if (path === undefined || !MOUNT_FAILURE.test(said)) return sandboxFailure(result)
  const message = `${JSON.stringify(path)} could not be shown to a sandbox: ${said}`
  const remedy = 'Look at the path: it must exist, and be readable for whoever runs Janus, while it runs.'
  return janusError('JANUS_SANDBOX_BIND_REFUSED', message, { remedy, data: { path } })
}

/** Why a sandbox was not set up, from what bubblewrap printed. */
export function sandboxFailure(result: Pick<SandboxResult, 'stderr' | 'timedOut'>): Error {
  const said = firstLineOf(result)
  const message = `a sandbox could not be set up: ${said}`
  const path = MISSING.exec(said)?.[1]
  if (path !== undefined) {
    const remedy = `A sandbox has what the machine has, and ${JSON.stringify(path)}, or what it is run with, is not there: install what brings it.`
    return unavailable(message, remedy, { cause: 'incomplete', path })
  }
  const isRefused = /namespace|uid map|RTM_NEWADDR|Operation not permitted|Permission denied|No space left/i.test(said)
  return isRefused
    ? unavailable(message, USER_NAMESPACES, { cause: 'user-namespaces' })
    : unavailable(message, INSTALL, { cause: 'broken' })
}

function firstLineOf({ stderr, timedOut }: Pick<SandboxResult, 'stderr' | 'timedOut'>): string {
  const line = stderr.split('\n').find((text) => text.trim() !== '')
  return line?.slice(0, LONGEST_LINE) ?? (timedOut ? 'it did not end in time' : 'it said nothing')
}

function unavailable(
  message: string,
  remedy: string,
  data: Readonly<Record<string, unknown>> = {},
  cause?: unknown,
): Error {
  return janusError('JANUS_SANDBOX_UNAVAILABLE', message, { remedy, data, ...(cause === undefined ? {} : { cause }) })
}
