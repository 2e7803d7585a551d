import { chmodSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import {
  type Action,
  type Clock,
  createExecutor,
  type ExecutionLimits,
  type ExecutorOptions,
  HARD_LIMITS,
  type LocalAgent,
  type RunSandbox,
  type ToolAction,
  type ToolEntry,
  type ToolExecutor,
  type ToolManifest,
} from '../../src/index.js'
import { type BareSandbox, bareSandbox } from './bare-sandbox.js'
import { ANA, put, RESOLVE } from './decision-context.js'
import { type LocalAgentSettings, localAgent } from './local-agent.js'
import { sampleProposal } from './sample-proposal.js'
import { settableClock } from './settable-clock.js'
import { toolEntry } from './tool-entry.js'

/** An agent on a real directory that executes in a bare sandbox. */
export interface ExecutingParts {
  readonly agent: LocalAgent
  readonly executor: ToolExecutor
  readonly sandbox: BareSandbox
  readonly clock: Clock
  /** A directory that every run may write: effects are counted there. */
  readonly effects: string
}

/** What a test wants to be different. */
export interface ExecutingSettings {
  readonly executor?: Partial<ExecutorOptions>
  /** Default: a bare one. */
  readonly sandbox?: RunSandbox
  /** Makes the executor. Default: `createExecutor`. */
  around?(options: ExecutorOptions): ToolExecutor
  readonly agent?: LocalAgentSettings
  readonly wallSeconds?: number
  readonly limits?: ExecutionLimits
  readonly manifest?: Partial<ToolManifest>
  readonly entry?: Partial<ToolEntry>
  /** Tools besides `sh`, by name. */
  readonly tools?: Readonly<Record<string, ToolEntry>>
}

/** The tool `sh` runs its arguments in a shell: only tests have such a tool. */
const SHELL: ToolEntry = toolEntry('sh', ['/usr/bin/dash', '-c'])

export const MANIFEST: ToolManifest = {
  name: 'sh',
  summary: 'runs what it is told',
  command: ['/usr/bin/dash', '-c'],
  sideEffects: 'workspace',
  network: false,
  writes: true,
  idempotent: true,
  reversible: true,
  interpreter: true,
  arguments: { options: [], positionals: [], separator: false },
}

export const noPlans: ExecutorOptions['plans'] = {
  apply: async () => {
    throw new Error('no plan was expected')
  },
  rollback: async () => {
    throw new Error('no rollback was expected')
  },
  history: async () => [],
}

/** Opens everything below a folder. */
export async function executing(folder: string, settings: ExecutingSettings = {}): Promise<ExecutingParts> {
  const effects = join(folder, 'effects')
  mkdirSync(effects, { recursive: true })
  // Tools run as another user.
  chmodSync(effects, 0o777)
  const clock = settings.agent?.clock ?? settableClock()
  const entry = { ...SHELL, ...settings.entry }
  const manifest = { ...MANIFEST, ...settings.manifest }
  const limits = settings.limits ?? { ...HARD_LIMITS, wallSeconds: settings.wallSeconds ?? 60 }
  const find = (name: string) => (name === 'sh' ? entry : (settings.tools?.[name] ?? RESOLVE.tool(name)))
  const agent = await localAgent(join(folder, 'state'), {
    resolving: () => ({ ...RESOLVE, tool: find, limits }),
    ...settings.agent,
    clock,
  })
  const sandbox = bareSandbox(join(folder, 'workspaces'), effects)
  const executor = (settings.around ?? createExecutor)({
    agent,
    sandbox: settings.sandbox ?? sandbox,
    tools: {
      entry: find,
      manifest: (name) => (name === 'sh' ? manifest : undefined),
      writable: () => [{ source: effects }],
    },
    plans: noPlans,
    stopped: () => undefined,
    clock,
    ...settings.executor,
  })
  agent.useExecutor(executor)
  return { agent, executor, sandbox, clock, effects }
}

/** The action that runs a script. */
export function script(text: string): ToolAction {
  return { kind: 'tool', tool: 'sh', args: [text], kwargs: {}, network: [] }
}

/** Puts a proposal on the record that ana has approved. */
export async function approved(
  agent: LocalAgent,
  action: Action,
  more: { readonly rollback?: ToolAction; readonly expectedOutcome?: string } = {},
): Promise<string> {
  const { id, digest } = await put(agent.record, sampleProposal({ action, content: more }))
  await agent.as({ actor: ANA, owner: false }).approve({ proposal: id, digest })
  return id
}
