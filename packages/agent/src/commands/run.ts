import { prepareStateDirectory } from '@janus/core/state'
import { configuredStopFile } from '../configured/emergency-stop.js'
import { dryRunDaemon } from '../daemon/dry-run.js'
import { startDaemon } from '../daemon/start-daemon.js'
import { runDirectory } from '../local/run-directory.js'
import { loadSettings } from '../settings/load-settings.js'
import { stopFiles } from '../stop/stop-files.js'
import { runSupervisor } from '../stop/supervisor/run-supervisor.js'
import type { AgentCall, AgentCommand } from './agent-command.js'

/** `run`. */
export const run: AgentCommand = {
  words: 'run',
  summary: 'The daemon: thinks, executes what is approved, controls itself.',
  details: [
    'It runs until it is asked to end (SIGTERM, SIGINT) or everything is stopped.',
    'One for each state directory; a second one ends with 75.',
  ],
  positionals: [],
  options: {
    'dry-run': {
      type: 'boolean',
      summary: 'the whole round, printing what would be approved and run: nothing is started, locked or recorded',
    },
  },
  example: 'run --config /etc/janus/agent.yaml',
  async run(call) {
    const { stateDirectory, config, context } = call
    const janus = await context.open()
    const say = (line: string): void => context.print(line)
    const options = { stateDirectory, config, janus, say, signal: context.signal, env: process.env }
    if (call.flag('dry-run')) {
      const rounds = await dryRunDaemon(options)
      return { data: { rounds }, text: 'The dry run has ended; nothing was started and nothing was recorded.' }
    }
    // A signal is waited out: what runs is ended and recorded first.
    const ended = await context.mutate(async () => (await startDaemon(options)).ended)
    const { stop } = ended
    const text =
      stop === null ? 'The daemon has ended.' : 'Everything was stopped. Lift it: `janus agent resume --reason <text>`.'
    return { data: ended, text }
  },
}

/** `controls`. */
export const controls: AgentCommand = {
  words: 'controls',
  summary: 'The supervisor of the daemon, as a service of its own (janus-controls.service).',
  details: [
    'It ends every run when everything is stopped, also while the daemon hangs.',
    'Without one the daemon starts its own.',
  ],
  positionals: [],
  options: {},
  example: 'controls --config /etc/janus/agent.yaml',
  async run(call) {
    const { context } = call
    const directory = await supervisedDirectory(call)
    const { settings } = await loadSettings(call.config)
    const supervisor = runSupervisor({
      runDirectory: directory,
      files: stopFiles(call.stateDirectory, configuredStopFile(settings)),
      onEvent: (line) => context.print(line),
    })
    const onSignal = (): void =>
      supervisor.stop({
        kind: 'signal',
        summary: 'the supervisor was sent SIGUSR2',
        by: { kind: 'system', name: 'janus-controls' },
      })
    process.on('SIGUSR2', onSignal)
    const asked = new Promise<void>((resolve) => {
      if (context.signal.aborted) resolve()
      context.signal.addEventListener('abort', () => resolve(), { once: true })
    })
    // To be asked to end is how it ends: nothing is interrupted by it.
    await context.mutate(() => asked)
    process.off('SIGUSR2', onSignal)
    supervisor.close()
    return { data: null, text: 'The supervisor has ended.' }
  },
}

/** It may be there before the daemon ever was. */
async function supervisedDirectory({ stateDirectory }: AgentCall): Promise<string> {
  const uid = process.geteuid?.() ?? 0
  await prepareStateDirectory(stateDirectory, { uid })
  const directory = runDirectory(stateDirectory)
  await prepareStateDirectory(directory, { uid })
  return directory
}
