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
  return { readOnly, writable }
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
