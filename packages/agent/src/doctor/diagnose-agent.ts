import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Diagnostic, diagnosticOf, type Host } from '@janus/core'
import type { Environment } from '@janus/core/state'
import { emergencyStop } from '../configured/emergency-stop.js'
import { openConfiguredAgent } from '../configured/open-configured-agent.js'
import type { AgentStatus } from '../contract/agent.js'
import type { SandboxSelfTest } from '../contract/run.js'
import { isInstalled } from '../install/is-installed.js'
import { isRunning } from '../install/service.js'
import { runDirectory } from '../local/run-directory.js'
import { findNsenter } from '../network/listen-inside.js'
import { createRunSandbox } from '../sandbox/create-run-sandbox.js'
import type { AgentSettings } from '../settings/agent-settings.js'
import { loadSettings } from '../settings/load-settings.js'
import { agentStateDirectory } from '../settings/uses/agent-state-directory.js'
import { sandboxPolicyOf } from '../settings/uses/sandbox-policy-of.js'
import { toolRegistry } from '../tools/tool-registry.js'
import { agentRemarks } from './agent-remarks.js'

/** What is diagnosed. */
export interface DiagnoseAgentOptions {
  /** The machine; only looked at. */
  readonly host: Host
  /** State directory of Janus, absolute. */
  readonly janus: string
  readonly env: Environment
  readonly uid: number
  /** The configuration; looked for in its usual places when left out. */
  readonly config?: string
  /** Tries the sandbox. Default: the real one. */
  readonly selfTest?: (settings: AgentSettings) => Promise<SandboxSelfTest>
  /** Path of what enters the network of a run. Default: looked for. */
  readonly nsenter?: () => string | undefined
}

/** What is known of the agent of a machine. */
export interface KnownAgent {
  readonly config: string | undefined
  readonly stateDirectory: string
  readonly socketDirectory: string
  readonly service: { readonly isInstalled: boolean; readonly isRunning: boolean }
  /** Why everything stands still. */
  readonly stopped: string | undefined
  /** How it was reached, and what it said; or why it could not be asked. */
  readonly answer: { readonly via: string; readonly status: AgentStatus } | { readonly failed: Diagnostic }
  readonly selfTest: SandboxSelfTest
  /** True where tools have a network that cannot be opened for them. */
  readonly lacksNsenter: boolean
}

/** Says whether the agent of a machine is installed, running or stopped, whether it could shut a tool in, and why it makes no proposals. Nothing is said where there is none. */
export async function diagnoseAgent(options: DiagnoseAgentOptions): Promise<readonly Diagnostic[]> {
  const { host, janus, env, uid, config, selfTest = (settings) => trySandbox(settings, uid) } = options
  const { settings, path } = await loadSettings(config)
  const stateDirectory = agentStateDirectory(settings, { janus, env })
  const service = { isInstalled: await isInstalled(host), isRunning: await isRunning(host) }
  if (path === undefined && !service.isInstalled && !(await host.exists(stateDirectory))) return []
  return agentRemarks({
    config: path,
    stateDirectory,
    socketDirectory: runDirectory(stateDirectory),
    service,
    stopped: stopOf(settings, stateDirectory),
    answer: await ask(stateDirectory, path),
    selfTest: await selfTest(settings),
    lacksNsenter: hasNetwork(settings) && (options.nsenter ?? findNsenter)() === undefined,
  })
}

function hasNetwork(settings: AgentSettings): boolean {
  const { entries } = toolRegistry(settings)
  return (
    settings.security.network.allowed_domains.length > 0 &&
    [...entries.values()].some(({ allow_network: allowed }) => allowed)
  )
}

/** The configured file, and the one in the state directory that a stop falls back to. */
function stopOf(settings: AgentSettings, stateDirectory: string): string | undefined {
  const own = join(stateDirectory, 'EMERGENCY_STOP')
  return (
    emergencyStop(settings) ??
    emergencyStop({ kill_switch: { ...settings.kill_switch, enabled: true, emergency_stop_file: own } })
  )
}

async function ask(stateDirectory: string, config: string | undefined): Promise<KnownAgent['answer']> {
  try {
    const agent = await openConfiguredAgent({ stateDirectory, config, purpose: 'janus doctor', readOnly: true })
    try {
      return { via: agent.via, status: await agent.status() }
    } finally {
      await agent.close()
    }
  } catch (error) {
    return { failed: diagnosticOf(error) }
  }
}

/** In a directory of its own that is gone afterwards: a diagnosis leaves nothing. */
async function trySandbox(settings: AgentSettings, uid: number): Promise<SandboxSelfTest> {
  const root = await mkdtemp(join(tmpdir(), 'janus-doctor-'))
  const { program, user } = sandboxPolicyOf(settings, { ownUid: uid, automatic: true })
  const sandbox = createRunSandbox({ program, user, root, mostRuns: 1 })
  try {
    return await sandbox.selfTest()
  } finally {
    await sandbox.close()
    await rm(root, { recursive: true, force: true })
  }
}
