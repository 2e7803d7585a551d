// A process of its own: a daemon with many runs, which goes on starting new ones, and blocks its event loop by SIGWINCH.
import { appendFileSync, readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { createRunSandbox, type RunSandbox } from '../../src/index.js'
import { stopFiles } from '../../src/stop/stop-files.js'
import { startBeating } from '../../src/stop/supervisor/beat.js'
import { noteProcess } from '../../src/stop/supervisor/process-note.js'
import { startSupervisor } from '../../src/stop/supervisor/start-supervisor.js'
import { watchStopFiles } from '../../src/stop/watch-stop-files.js'
import { bareRunSandbox, shellRun } from './bare-run-sandbox.js'
import { localAgent } from './local-agent.js'

const {
  directory,
  workspace,
  mark,
  sandboxes,
  journal,
  blockedAfter,
  startsMore = true,
  real = false,
} = JSON.parse(process.argv[2] ?? '') as {
  readonly directory: string
  readonly workspace: string
  /** Stands in every command line. */
  readonly mark: string
  readonly sandboxes: number
  /** Gets a line for everything that happens. */
  readonly journal: string
  readonly blockedAfter?: number
  /** Whether it goes on starting runs. Default: it does. */
  readonly startsMore?: boolean
  /** Whether the runs are in the sandbox of tools, whole. Default: in bubblewrap with the least around it. */
  readonly real?: boolean
}

const SUPERVISOR = fileURLToPath(new URL('../../src/stop/supervisor/main.ts', import.meta.url))
const tell = (line: string): void => appendFileSync(journal, `${line}\n`)

const agent = await localAgent(directory)
const { emergency } = agent
const runDirectory = `${directory}/run`
await agent.serve()
noteProcess(runDirectory, 'daemon')
startBeating(runDirectory, 50)
const supervisor = await startSupervisor({
  runDirectory,
  files: stopFiles(directory, undefined),
  command: [process.execPath, '--import', import.meta.resolve('tsx'), SUPERVISOR],
  onLost: () => tell('supervisor lost'),
  ...(blockedAfter === undefined ? {} : { blockedAfter }),
})
emergency.spare(supervisor)
const inner = real ? await toolSandbox() : bareRunSandbox(workspace)
const sandbox = emergency.guard(inner)
emergency.signal.addEventListener('abort', () => void inner.close())
const program = `for each in 1 2 3 4 5 6 7 8 9 10; do sleep 9999${mark} & done; wait`
let running = 0
const onStarted = (): void => {
  running += 1
  if (running === sandboxes) isRunning()
}
process.on('SIGUSR2', () => {
  void emergency.stopEverything({ kind: 'signal', summary: 'SIGUSR2', by: { kind: 'system', name: 'emergency-stop' } })
})
process.on('SIGWINCH', () => {
  tell('blocked')
  for (;;);
})

for (let each = 0; each < sandboxes; each += 1) {
  void sandbox.run({ ...shellRun(`run-${each}`, `: ${mark}; ${program}`), onStarted })
  // Between two starts it beats: on a slow machine all of them together take as long as it may stand still.
  await delay(1)
}

watchStopFiles({
  paths: stopFiles(directory, undefined),
  onFound: (because) => {
    void emergency
      .stopEverything({ kind: 'file', summary: because, by: { kind: 'system', name: 'emergency-stop' } })
      .then((report) => tell(`stopped ${JSON.stringify(report)}`))
  },
})
let attempts = 0
setInterval(() => {
  if (!startsMore) return
  attempts += 1
  const script = `: ${mark}; cut -d' ' -f1 /proc/uptime >> /workspace/effects`
  const flagged = emergency.standing() !== undefined
  void sandbox
    .run({
      ...shellRun(`more-${attempts}`, script),
      onStarted: () => tell(flagged || emergency.signal.aborted ? 'STARTED AFTER THE FLAG' : 'started'),
    })
    .catch((error: { code?: string }) => tell(`refused ${error.code ?? String(error)}`))
}, 30)
function isRunning(): void {
  tell(`ready ${process.pid} ${supervisor.pid} ${readFileSync('/proc/uptime', 'utf8').split(' ')[0]}`)
}

async function toolSandbox(): Promise<RunSandbox> {
  const made = createRunSandbox({
    program: '/usr/bin/bwrap',
    user: undefined,
    root: `${directory}-workspaces`,
    mostRuns: sandboxes,
    toolUsers: { firstUid: 1_879_048_300, firstGid: 1_879_048_300, count: sandboxes },
  })
  const { holds, because } = await made.selfTest()
  if (!holds) throw new Error(`the sandbox does not hold: ${because}`)
  return made
}
