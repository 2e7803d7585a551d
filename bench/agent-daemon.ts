import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { type Agent, connectAgent, runDirectory } from '../packages/agent/src/index.js'
import { type FaultServer, startFaultServer } from '../packages/agent/test/support/fault-server.js'
import { goodProposal } from '../packages/agent/test/support/thinking.js'
import { agentMachine, type Daemon } from '../test/agent-end-to-end/agent-machine.js'
import type { BenchRow } from './table.js'

/** USER_HZ of Linux, in which /proc/PID/stat counts. */
const TICKS_PER_SECOND = 100
const SETTLING = 5_000
const IDLE = 20_000
const WANTED_PERCENT = 1
const WANTED_MB = 100
/** Of the guide: 15 ms where `bash -c true` takes 1.1. */
const WANTED_STARTS = 13

/** What a daemon costs that has nothing to do, and how long after an approval its program runs. */
export async function benchDaemon(rounds: number): Promise<readonly BenchRow[]> {
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
    const idle = await idleCost(daemon)
    const agent = await connectAgent({ runDirectory: runDirectory(machine.stateDirectory) })
    if (agent === undefined) throw new Error('the daemon does not serve its socket')
    try {
      return [...idle, await approvalToStart(agent, server, rounds)]
    } finally {
      await agent.close()
    }
  } finally {
    await machine.close()
    await server.close()
  }
}

async function idleCost({ pid }: Daemon): Promise<readonly BenchRow[]> {
  await delay(SETTLING)
  const before = processorTicks(pid)
  const began = performance.now()
  await delay(IDLE)
  const seconds = (performance.now() - began) / 1000
  const percent = (100 * (processorTicks(pid) - before)) / TICKS_PER_SECOND / seconds
  const megabytes = residentKilobytes(pid) / 1000
  return [
    {
      what: 'daemon with nothing to do, processor',
      value: `${percent.toFixed(2)} %`,
      against: `wanted under ${WANTED_PERCENT} %`,
      verdict: percent < WANTED_PERCENT ? 'within' : 'over',
    },
    {
      what: 'daemon with nothing to do, memory',
      value: `${megabytes.toFixed(0)} MB`,
      against: `bare node ${(bareNodeKilobytes() / 1000).toFixed(0)} MB, wanted under ${WANTED_MB} MB`,
      verdict: megabytes < WANTED_MB ? 'within' : 'over',
    },
  ]
}

/** From the moment in which an approval is asked for, over the socket, to the first instruction of the program: it says itself what time it is. */
async function approvalToStart(agent: Agent, server: FaultServer, rounds: number): Promise<BenchRow> {
  const durations: number[] = []
  const shells: number[] = []
  for (let round = 0; round < 10 * rounds; round += 1) {
    server.script({ kind: 'proposals', proposals: [askingTheTime(round)] })
    const { proposed, because } = await agent.think()
    const [id] = proposed
    if (id === undefined) throw new Error(`nothing was proposed: ${because}`)
    const { proposal } = await agent.show({ proposal: id })
    const began = Date.now()
    await agent.approve({ proposal: proposal.id, digest: proposal.digest })
    durations.push((await startedAt(agent, proposal.id)) - began)
    const at = performance.now()
    spawnSync('bash', ['-c', 'true'])
    shells.push(performance.now() - at)
  }
  const [taken, shell] = [median(durations), median(shells)]
  const ratio = taken / shell
  return {
    what: 'approval to the start of its program, median',
    value: `${taken.toFixed(1)} ms`,
    against: `${ratio.toFixed(1)} × bash -c true, wanted ${WANTED_STARTS} ×`,
    verdict: ratio <= WANTED_STARTS ? 'within' : 'over',
  }
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

function median(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? Number.NaN
}
