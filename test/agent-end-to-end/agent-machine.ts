import { type ChildProcess, spawn } from 'node:child_process'
import { chmod, mkdir, mkdtemp, readdir, readFile, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { eventually } from '../../packages/agent/test/support/marked-processes.js'
import { repository } from '../../scripts/workspace.js'

const LAUNCHER = join(repository, 'packages/cli/bin/janus.js')
const LOGS = ['mission_log', 'tool_log', 'proposals_log', 'approval_queue', 'agent_log', 'intel_cache']
/** Nobody: the agent of a test runs as whoever runs the test, who has to be able to decide. */
const AGENT_UID = 64_000

/** How a command ended. */
export interface CommandEnd {
  readonly exitCode: number | null
  readonly stdout: string
  readonly stderr: string
}

/** `janus agent run`, as a process of its own. */
export interface Daemon {
  readonly pid: number
  /** Lines that it printed. */
  said(): readonly string[]
  kill(signal: NodeJS.Signals): void
  /** Its exit code. */
  readonly exited: Promise<number | null>
}

/** A machine with an agent, of which everything lies in one folder: the built command, as separate processes. */
export interface AgentMachine {
  readonly folder: string
  /** Of the agent. */
  readonly stateDirectory: string
  readonly config: string
  /** What tools may write besides their workspace. */
  readonly effects: string
  /** Writes the configuration. @param sections besides what keeps everything in the folder; of YAML, one line each */
  configure(...sections: readonly string[]): Promise<void>
  /** `janus <args>`. */
  janus(...args: readonly string[]): Promise<CommandEnd>
  /** `janus agent <args> --json`. @returns the data of its answer @throws when it does not end with 0 */
  agent(...args: readonly string[]): Promise<unknown>
  /** `janus agent propose` of a draft. */
  propose(draft: unknown): Promise<unknown>
  /** Starts the daemon and waits until it is ready. */
  daemon(): Promise<Daemon>
  /** Starts the daemon. */
  startDaemon(): Daemon
  /** Names of the files that tools left, by the beginning of their names. */
  left(beginning: string): Promise<readonly string[]>
  /** Lines of a view of the record. */
  view(name: 'tool_log' | 'proposals_log' | 'agent_log'): Promise<readonly Readonly<Record<string, unknown>>[]>
  /** Ends the daemons and removes the folder. */
  close(): Promise<void>
}

/** A new one. */
export async function agentMachine(): Promise<AgentMachine> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'janus-end-to-end-')))
  // Tools run as another user where the agent is root.
  await chmod(folder, 0o755)
  const [effects, config] = [join(folder, 'effects'), join(folder, 'agent.yaml')]
  for (const name of ['effects', 'logs', 'missions', 'home']) await mkdir(join(folder, name))
  await chmod(effects, 0o777)
  const daemons: Daemon[] = []
  const environment = {
    PATH: process.env.PATH ?? '',
    HOME: join(folder, 'home'),
    JANUS_STATE_DIR: join(folder, 'state'),
  }
  const started = (args: readonly string[]): ChildProcess =>
    spawn(process.execPath, [LAUNCHER, ...args], {
      cwd: join(folder, 'home'),
      env: environment,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
  const janus = async (...args: readonly string[]): Promise<CommandEnd> => {
    const child = started(args)
    const [stdout, stderr] = [textOf(child.stdout), textOf(child.stderr)]
    return new Promise((resolve) =>
      child.once('close', (exitCode) => resolve({ exitCode, stdout: stdout(), stderr: stderr() })),
    )
  }
  const startDaemon = (): Daemon => {
    const child = started(['agent', 'run', '--config', config])
    const [stdout, stderr] = [textOf(child.stdout), textOf(child.stderr)]
    const daemon = {
      pid: child.pid ?? 0,
      said: () => `${stdout()}${stderr()}`.split('\n').filter((line) => line !== ''),
      kill: (signal: NodeJS.Signals) => void child.kill(signal),
      exited: new Promise<number | null>((resolve) => child.once('close', resolve)),
    }
    daemons.push(daemon)
    return daemon
  }

  const agent: AgentMachine['agent'] = async (...args) => {
    const { exitCode, stdout, stderr } = await janus('agent', ...args, '--config', config, '--json')
    if (exitCode !== 0) throw new Error(`janus agent ${args.join(' ')} ended with ${exitCode}: ${stdout}${stderr}`)
    return (JSON.parse(stdout) as { readonly data: unknown }).data
  }

  return {
    folder,
    stateDirectory: join(folder, 'state', 'agent'),
    config,
    effects,
    configure: async (...sections) => {
      const lines = [
        `kill_switch: {emergency_stop_file: ${join(folder, 'EMERGENCY_STOP')}}`,
        `logging: {${LOGS.map((name) => `${name}: ${join(folder, 'logs', name)}`).join(', ')}}`,
        `sandbox: {root: ${join(folder, 'workspaces')}, dynamic_user: nobody, policy: {writable_paths: [${effects}]}}`,
        `approval_workflow: {notification_enabled: false, agent_uid: ${AGENT_UID}}`,
        // How busy the machine of the test is decides nothing.
        `harness: {mission_state_dir: ${join(folder, 'missions')}, relief_enabled: false}`,
        `playbooks: {registry_path: ${join(folder, 'playbooks.json')}}`,
        ...sections,
      ]
      await writeFile(config, `${lines.join('\n')}\n`, { mode: 0o600 })
    },
    janus,
    agent,
    propose: async (draft) => {
      const file = join(folder, 'draft.json')
      await writeFile(file, JSON.stringify(draft))
      return agent('propose', file)
    },
    startDaemon,
    daemon: async () => {
      const daemon = startDaemon()
      let ended = false
      void daemon.exited.then(() => {
        ended = true
      })
      await eventually('the daemon is ready', () => {
        if (ended) throw new Error(`the daemon ended: ${daemon.said().join('; ')}`)
        return daemon.said().some((line) => line.startsWith('ready'))
      })
      return daemon
    },
    left: async (beginning) => (await readdir(effects)).filter((name) => name.startsWith(beginning)).sort(),
    view: async (name) => {
      const text = await readFile(join(folder, 'logs', name), 'utf8').catch(() => '')
      return text
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>)
    },
    close: async () => {
      for (const { kill, exited } of daemons) {
        kill('SIGKILL')
        await exited
      }
      await rm(folder, { recursive: true, force: true })
    },
  }
}

function textOf(stream: NodeJS.ReadableStream | null): () => string {
  let text = ''
  stream?.setEncoding('utf8').on('data', (piece: string) => {
    text += piece
  })
  return () => text
}
