import { codeDigest } from '@janus/core'
import { canonicalDigest } from '@janus/core/ledger'
import type { ToolAction } from '../contract/action.js'
import type { ToolEntry } from '../contract/tool-entry.js'
import type { ExecutionLimits, ResolvedTool } from '../contract/warrant.js'
import { agentError } from '../errors/agent-error.js'
import { allowedOf } from '../network/allowed-of.js'
import { visibleName } from '../review/visible-text.js'
import { checkToolAction } from '../tools/check-tool-action.js'
import { type DigestCache, resolveBinary } from './resolve-binary.js'

/** What a tool action is resolved with. */
export interface ResolveToolContext {
  tool(name: string): ToolEntry | undefined
  /** Id of the proposal, which names the workspace. */
  readonly proposal: string
  /** Names of the variables that every tool keeps. */
  readonly preservedEnvironment: readonly string[]
  readonly limits: ExecutionLimits
  /** Domains that runs may reach at all; see {@link allowedOf}. */
  readonly allowedDomains: readonly string[]
  /** Where programs without a path are looked for. */
  readonly directories?: readonly string[]
  /** Spares reading programs again that have not been touched. */
  readonly digests?: DigestCache | undefined
}

/**
 * Resolves the run of a tool: the file that would be started, its whole argument list, and everything it would be given.
 * @throws JANUS_AGENT_STALE when the tool is not configured, its program is missing, or it cannot take what it was given
 */
export async function resolveTool(action: ToolAction, context: ResolveToolContext): Promise<ResolvedTool> {
  const entry = context.tool(action.tool)
  if (entry === undefined) throw stale(action, 'is not configured')
  const checked = checkToolAction(action, entry)
  if (!checked.ok) {
    const { argument, because } = checked.refusal
    throw stale(action, `does not take what it is given: ${argument} ${because}`)
  }
  return {
    kind: 'tool',
    tool: entry.name,
    binary: await resolveBinary(checked.program, context),
    argv: checked.argv,
    manifest: canonicalDigest({ entry, code: await codeOf(action, entry) }),
    workspace: `exec-${context.proposal}`,
    environment: [...new Set([...context.preservedEnvironment, ...Object.keys(entry.environment ?? {})])].sort(),
    limits: context.limits,
    network: networkOf(action, context),
  }
}

/** Its domains as its run gets them; one that nothing allows any more makes the whole action stale. */
function networkOf(action: ToolAction, { allowedDomains }: ResolveToolContext): readonly string[] {
  if (action.network.length === 0) return []
  const { domains, refused } = allowedOf(action.network, allowedDomains)
  const [first] = refused
  if (first !== undefined)
    throw stale(action, `wants ${visibleName(first)}, which is not among the domains that are allowed`)
  return domains
}

/** What runs besides the program, as it is now. */
async function codeOf(action: ToolAction, { code = [] }: ToolEntry): Promise<readonly string[]> {
  return Promise.all(
    code.map((path) =>
      codeDigest(path).catch((error: unknown) => {
        throw stale(
          action,
          `has code in ${path} that cannot be read: ${error instanceof Error ? error.message : error}`,
        )
      }),
    ),
  )
}

function stale({ tool }: ToolAction, problem: string): Error {
  return agentError('JANUS_AGENT_STALE', `the tool ${JSON.stringify(tool)} ${problem}`, { data: { tool } })
}
