import type { StopCause } from '../../contract/stop.js'
import { runSupervisor, type SupervisorOptions } from './run-supervisor.js'
import { SUPERVISOR_READY } from './supervisor-ready.js'

const SIGNAL: StopCause = {
  kind: 'signal',
  summary: 'the supervisor was sent SIGUSR2',
  by: { kind: 'system', name: 'janus-controls' },
}

/** The supervisor as a child of the daemon, in a session of its own: it lives until the daemon is gone, and ends what that leaves. */
function main(options: SupervisorOptions): void {
  const supervisor = runSupervisor(options)
  process.on('SIGUSR2', () => supervisor.stop(SIGNAL))
  // What is meant for the daemon reaches it too where somebody signals a whole group or unit: it stays for what is left.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined)
  process.stdin.on('error', () => undefined)
  process.stdin.once('close', () => {
    supervisor.close()
    process.exit(0)
  })
  process.stdin.resume()
  process.stdout.write(SUPERVISOR_READY)
}

main(JSON.parse(process.argv[2] ?? '') as SupervisorOptions)
