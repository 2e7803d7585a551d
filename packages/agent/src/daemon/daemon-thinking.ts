import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { RunSandbox } from '../contract/run.js'
import type { Controls } from '../controls/create-controls.js'
import { playbookMetrics } from '../controls/playbook-metrics.js'
import type { ExecutionQueue } from '../executor/create-execution-queue.js'
import type { LocalAgent } from '../local/local-agent.js'
import { sandboxExecutor } from '../sandbox/sandbox-executor.js'
import type { AgentSettings } from '../settings/agent-settings.js'
import { limitsOfSettings } from '../settings/uses/limits-of-settings.js'
import { modelOf } from '../settings/uses/model-of.js'
import type { LlamaRunner } from '../thinking/create-llama-model.js'
import type { Thinker } from '../thinking/create-thinker.js'
import { modulesOfJanus } from '../thinking/modules-of-janus.js'
import type { DaemonOptions } from './daemon-options.js'

/** What a daemon thinks with. */
export interface DaemonThinkingOptions extends Pick<DaemonOptions, 'janus' | 'env' | 'signal'> {
  readonly agent: LocalAgent
  readonly settings: AgentSettings
  readonly sandbox: RunSandbox
  readonly controls: Controls
  readonly queue: ExecutionQueue
  readonly runDirectory: string
  /** Bytes of the log and the views, as they were last looked at. */
  logBytes(): number
}

const PROMPTS = '/prompts'
/** The user of a sandbox finds a file in it by a name that nobody else knows. */
const PROMPTS_MODE = 0o711

/** The thinking of a daemon: with live numbers, the modules of this machine, and a model that runs in the sandbox where it is a program. */
export async function daemonThinking(options: DaemonThinkingOptions): Promise<Thinker> {
  const { agent, janus, env, signal, controls, queue } = options
  const llama = await llamaRunner(options)
  return agent.useThinker({
    env,
    modules: await modulesOfJanus(janus, signal),
    metrics: () => {
      const last = controls.lastSample()
      if (last === undefined) return {}
      return playbookMetrics({
        ...last,
        backlog: { waiting: queue.waiting.length, active: queue.running.length },
        pending: agent.record.state.counts.proposed,
        logBytes: options.logBytes(),
      })
    },
    ...(llama === undefined ? {} : { llama }),
  })
}

async function llamaRunner({
  settings,
  sandbox,
  runDirectory,
}: DaemonThinkingOptions): Promise<LlamaRunner | undefined> {
  const model = modelOf(settings)
  if (model.kind !== 'llama') return undefined
  const promptDirectory = join(runDirectory, 'prompts')
  await mkdir(promptDirectory, { recursive: true, mode: PROMPTS_MODE })
  const shown = [model.program, model.file].map((source) => ({ source }))
  const executor = sandboxExecutor(sandbox, {
    limits: limitsOfSettings(settings, false),
    readOnly: [...shown, { source: promptDirectory, target: PROMPTS }],
  })
  return { executor, promptDirectory, shownAs: PROMPTS }
}
