import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { type Agent, connectAgent, runDirectory } from '../../packages/agent/src/index.js'
import { type FaultServer, startFaultServer } from '../../packages/agent/test/support/fault-server.js'
import { goodProposal } from '../../packages/agent/test/support/thinking.js'
import { agentMachine, type Daemon } from '../../test/agent-end-to-end/agent-machine.js'
import { withoutBubblewrap } from '../measuring/bubblewrap.js'
import { durationOf, interleaved } from '../measuring/interleaved.js'
import { median } from '../measuring/median.js'
import { outcomeOf } from '../measuring/outcome-of.js'
import { defineBenchSubject } from '../report/bench-subject.js'

/** USER_HZ of Linux, in which /proc/PID/stat counts. */
const TICKS_PER_SECOND = 100
/** After that V8 has compiled what it wants to and collected what the start has left. */
const SETTLING = 25_000
const IDLE = 20_000
const WANTED_PERCENT = 1
const WANTED_MB = 100
/** Of the guide: 15 ms where `bash -c true` takes 1.1. */
const WANTED_STARTS = 13

/** What a daemon costs that has nothing to do, and how long after an approval its program runs. */
export const agentDaemon = defineBenchSubject({
  id: 'agent-daemon',
  title: 'Daemon of the agent',
  rows: {
    processor: {
      what: 'a daemon with nothing to do, processor',
      unit: '%',
      target: { of: 'value', bound: 'at-most', limit: WANTED_PERCENT },
    },
    memory: {
      what: 'a daemon with nothing to do, resident memory',
      unit: 'MB',
      calibration: 'bare node',
      target: { of: 'value', bound: 'at-most', limit: WANTED_MB },
    },
    'approval-to-start': {
      what: 'approval to the start of its program, median',
      unit: 'ms',
      calibration: 'bash -c true, median',
      target: { of: 'ratio', bound: 'at-most', limit: WANTED_STARTS },
    },
  },
  unavailable: withoutBubblewrap,
  async measure({ quick }) {
    const machine = await agentMachine()
    // Nobody approves what they proposed themselves: here a model proposes.
    const server = await startFaultServer()
    try {
      await machine.configure(
        'tools: [{name: now, command: [/usr/bin/date]}]',
        `llm: {base_url: '${server.baseUrl}', missions_dir: ${machine.folder}/missions}`,
        'thinking_cycle: {enable_autonomous_proposals: true, cycle_interval_seconds: 86400}',
      )
      server.script({ kind: 'proposals', proposals: [] })
      const daemon = await machine.daemon()
      const idle = await outcomeOf(() => idleCost(daemon))
      const starts = await outcomeOf(() => startsOf(machine.stateDirectory, server, quick ? 5 : 30))
      return {
        processor: () => ({ value: idle().percent }),
        memory: () => ({ value: idle().megabytes, calibration: bareNodeKilobytes() / 1000 }),
        'approval-to-start': () => ({ value: median(starts()('approval')), calibration: median(starts()('shell')) }),
      }
    } finally {
      await machine.close()
      await server.close()
    }
  },
})

async function idleCost({ pid }: Daemon): Promise<{ readonly percent: number; readonly megabytes: number }> {
  await delay(SETTLING)
  const before = processorTicks(pid)
  const began = performance.now()
  await delay(IDLE)
  const seconds = (performance.now() - began) / 1000
  const percent = (100 * (processorTicks(pid) - before)) / TICKS_PER_SECOND / seconds
  return { percent, megabytes: residentKilobytes(pid) / 1000 }
}

async function startsOf(
  stateDirectory: string,
  server: FaultServer,
  rounds: number,
): Promise<(name: 'approval' | 'shell') => readonly number[]> {
  const agent = await connectAgent({ runDirectory: runDirectory(stateDirectory) })
  if (agent === undefined) throw new Error('the daemon does not serve its socket')
  try {
    let round = 0
    return await interleaved(
      {
        approval: () => {
          round += 1
          return approvalToStart(agent, server, round)
        },
        // With a socket for its input, bash reads ~/.bashrc, as if somebody had logged in from afar.
        shell: () => durationOf(async () => spawnSync('bash', ['-c', 'true'], { stdio: 'ignore' })),
      },
      rounds,
    )
  } finally {
    await agent.close()
  }
}

/** From the moment in which an approval is asked for, over the socket, to the first instruction of the program: it says itself what time it is. */
async function approvalToStart(agent: Agent, server: FaultServer, round: number): Promise<number> {
  server.script({ kind: 'proposals', proposals: [askingTheTime(round)] })
  const { proposed, because } = await agent.think()
  const [id] = proposed
  if (id === undefined) throw new Error(`nothing was proposed: ${because}`)
  const { proposal } = await agent.show({ proposal: id })
  const began = Date.now()
  await agent.approve({ proposal: proposal.id, digest: proposal.digest })
  return (await startedAt(agent, proposal.id)) - began
}

/** Milliseconds since the epoch. */
async function startedAt(agent: Agent, proposal: string): Promise<number> {
  for (;;) {
    const { status, executions } = await agent.show({ proposal })
    const stdout = executions[0]?.result.details.stdout as { readonly text: string } | undefined
    if (stdout !== undefined) return Number(BigInt(stdout.text.split(' ')[0] ?? '') / 1000n) / 1000
    if (status !== 'approved' && status !== 'executing') throw new Error(`${proposal} is ${status}`)
    await delay(5)
  }
}

function askingTheTime(round: number): unknown {
  return goodProposal({
    rationale: `The time of the machine is wanted once more, in round ${round}`,
    expected_outcome: 'The time',
    tool_name: 'now',
    // What was run before is not proposed again.
    tool_args: [`+%s%N ${round}`],
  })
}

function processorTicks(pid: number): number {
  const text = readFileSync(`/proc/${pid}/stat`, 'latin1')
  const fields = text.slice(text.lastIndexOf(') ') + 2).split(' ')
  return Number(fields[11]) + Number(fields[12])
}

function residentKilobytes(pid: number): number {
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1])
}

function bareNodeKilobytes(): number {
  const program = 'process.stdout.write(String(process.memoryUsage.rss()))'
  return Number(spawnSync(process.execPath, ['-e', program], { encoding: 'utf8' }).stdout) / 1024
}
