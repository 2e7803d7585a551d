import { canonicalDigest } from '@janus/core/ledger'
import type { ToolAction } from '../contract/action.js'
import type { ExecutionLimits, ResolvedTool } from '../contract/warrant.js'
import { agentError } from '../errors/agent-error.js'
import { optionWords } from './option-words.js'
import { type DigestCache, resolveBinary } from './resolve-binary.js'

/** A tool as it is configured. */
export interface ToolEntry {
  readonly name: string
  /** Program and its first arguments. */
  readonly command: readonly string[]
  readonly allow_network: boolean
  /** Variables it is given besides those that are kept. */
  readonly environment?: Readonly<Record<string, string>> | undefined
  /** Absolute path it is started in. Default: its workspace. */
  readonly working_directory?: string | undefined
  /** What it is for. */
  readonly description?: string | undefined
}

/** What a tool action is resolved with. */
export interface ResolveToolContext {
  tool(name: string): ToolEntry | undefined
  /** Id of the proposal, which names the workspace. */
  readonly proposal: string
  /** Names of the variables that every tool keeps. */
  readonly preservedEnvironment: readonly string[]
  readonly limits: ExecutionLimits
  /** Where programs without a path are looked for. */
  readonly directories?: readonly string[]
  /** Spares reading programs again that have not been touched. */
  readonly digests?: DigestCache | undefined
}

const OPTION = /^[a-zA-Z][a-zA-Z0-9_-]{0,63}$/
/** MAX_ARG_STRLEN of Linux: longer ones fail in execve(2). */
const MOST_ARGUMENT_BYTES = 131_071

/**
 * Resolves the run of a tool: the file that would be started, its whole argument list, and everything it would be given.
 * @throws JANUS_AGENT_STALE when the tool is not configured, its program is missing, or it cannot take what it was given
 */
export async function resolveTool(action: ToolAction, context: ResolveToolContext): Promise<ResolvedTool> {
  const entry = context.tool(action.tool)
  const [program, ...first] = entry?.command ?? []
  if (entry === undefined || program === undefined) throw stale(action, 'is not configured')
  if (action.network.length > 0 && !entry.allow_network) throw stale(action, 'is not given any network')
  requireOptions(action)
  const argv = [...first, ...action.args, ...optionWords(action.kwargs)]
  for (const argument of argv) {
    if (argument.includes('\0')) throw stale(action, 'cannot take an argument with a NUL in it')
    if (Buffer.byteLength(argument) > MOST_ARGUMENT_BYTES) throw stale(action, 'cannot take an argument of that length')
  }
  return {
    kind: 'tool',
    tool: entry.name,
    binary: await resolveBinary(program, context),
    argv,
    manifest: canonicalDigest(entry),
    workspace: `exec-${context.proposal}`,
    environment: [...new Set([...context.preservedEnvironment, ...Object.keys(entry.environment ?? {})])].sort(),
    limits: context.limits,
    network: [...new Set(action.network)].sort(),
  }
}

function requireOptions(action: ToolAction): void {
  for (const [name, value] of Object.entries(action.kwargs)) {
    if (!OPTION.test(name)) throw stale(action, `cannot take an option called ${JSON.stringify(name)}`)
    if (typeof value === 'object' && value !== null)
      throw stale(action, `cannot take a list or an object as the option ${JSON.stringify(name)}`)
  }
}

function stale({ tool }: ToolAction, problem: string): Error {
  return agentError('JANUS_AGENT_STALE', `the tool ${JSON.stringify(tool)} ${problem}`, { data: { tool } })
}
