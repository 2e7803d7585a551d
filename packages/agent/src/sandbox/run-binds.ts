import { realpath } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { janusError } from '@janus/core'
import { isReachableBy, type ResolvedBind, resolveBinds, type SandboxIdentity } from '@janus/core/sandbox'
import type { ToolRun } from '../contract/run.js'

/** What a run is shown, resolved. */
export interface RunBinds {
  readonly readOnly: readonly ResolvedBind[]
  readonly writable: readonly ResolvedBind[]
}

/** What every run is shown: absolute paths. */
export interface CommonPaths {
  readonly readOnlyPaths?: readonly string[]
  readonly writablePaths?: readonly string[]
  /** What no run is ever shown, whoever asks for it: neither it, nor what lies in it, nor what it lies in. */
  readonly hiddenPaths?: readonly string[]
}

/**
 * What this run is shown: its program, what every run may see, and what it asked for.
 * @throws JANUS_SANDBOX_BIND_REFUSED naming the path
 */
export async function bindsOf(common: CommonPaths, run: ToolRun): Promise<RunBinds> {
  const [readOnly, writable] = await Promise.all([
    resolveBinds(
      [
        // Shown always when it lies in /usr.
        { source: run.program, target: run.program },
        ...(common.readOnlyPaths ?? []).map((source) => ({ source })),
        ...(run.readOnly ?? []),
      ].filter(({ source }) => !isOfSystem(source)),
    ),
    resolveBinds([...(common.writablePaths ?? []).map((source) => ({ source })), ...(run.writable ?? [])]),
  ])
  await requireHidden(common.hiddenPaths ?? [], [...readOnly, ...writable])
  return { readOnly, writable }
}

async function requireHidden(paths: readonly string[], binds: readonly ResolvedBind[]): Promise<void> {
  const hidden = await Promise.all(paths.map(realPlace))
  const shown = binds.find(({ source }) => hidden.some((path) => isWithin(path, source) || isWithin(source, path)))
  if (shown === undefined) return
  const { source } = shown
  throw janusError(
    'JANUS_SANDBOX_BIND_REFUSED',
    `${JSON.stringify(source)} is not shown to a run: the agent keeps its own there`,
    {
      data: { path: source },
    },
  )
}

/** Where something is, or will be. */
async function realPlace(path: string): Promise<string> {
  const beside = async (): Promise<string> => {
    const directory = dirname(path)
    return join(await realpath(directory).catch(() => directory), basename(path))
  }
  return realpath(path).catch(beside)
}

function isWithin(directory: string, path: string): boolean {
  return path === directory || path.startsWith(`${directory}/`)
}

/** What every sandbox shows at the same place. */
function isOfSystem(path: string): boolean {
  return /^\/(usr|bin|sbin|lib|lib32|lib64|libx32|nix\/store|gnu\/store)\//.test(path)
}

/** Those that must be put where the user of the sandbox can reach them: all, when there is one. */
export async function unreachableBinds(
  binds: readonly ResolvedBind[],
  identity: SandboxIdentity | undefined,
): Promise<readonly ResolvedBind[]> {
  if (identity === undefined) return []
  const reachable = await Promise.all(binds.map(({ source }) => isReachableBy(identity, source)))
  return reachable.includes(false) ? binds : []
}
