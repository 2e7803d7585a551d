import type { SandboxBind } from '@janus/core/sandbox'
import type { ToolRun } from '../contract/run.js'
import type { ResolvedTool } from '../contract/warrant.js'
import type { ExecutorOptions } from './executor-options.js'
import { toolEnvironment } from './tool-environment.js'

/** The run of a tool as its warrant says it: also what a dry run shows. */
export function toolRun(
  { tools, environment = process.env, grace }: Pick<ExecutorOptions, 'tools' | 'environment' | 'grace'>,
  { resolved, signal }: { readonly resolved: ResolvedTool; readonly signal?: AbortSignal | undefined },
): ToolRun {
  const entry = tools.entry(resolved.tool)
  const writable = tools.writable?.(resolved.tool) ?? []
  return {
    id: resolved.workspace,
    program: resolved.binary.path,
    argv: resolved.argv,
    environment: toolEnvironment(resolved, entry, environment),
    limits: resolved.limits,
    network: resolved.network,
    readOnly: [...ownProgram(resolved.binary.path), ...(tools.readOnly?.(resolved.tool) ?? [])],
    ...(writable.length === 0 ? {} : { writable }),
    ...(entry?.working_directory === undefined ? {} : { cwd: entry.working_directory }),
    ...(grace === undefined ? {} : { grace }),
    ...(signal === undefined ? {} : { signal }),
  }
}

/** Everything below /usr is shown anyway. */
function ownProgram(path: string): readonly SandboxBind[] {
  return path.startsWith('/usr/') ? [] : [{ source: path }]
}
