import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { type Agent, connectAgent, type LocalAgent, type Proposal, runDirectory } from '../packages/agent/src/index.js'
import { benchAgentPlace, benchProposals, openBenchAgent, putUp } from './bench-agent.js'
import { shortestDurations } from './interleaved.js'
import type { BenchRow } from './table.js'

const PAIRS = 100
const APPROVERS = 64
/** Approvals of one contender in a round: of one approver, of all. */
const ALONE = 64
const TOGETHER = 640
const WANTED_FSYNCS = 3

/**
 * What an approval costs beyond the fsync that the disk itself demands, and how many there are in a second: asked of the agent in this process, and
 * over its socket by as many connections as there are approvers.
 */
export async function benchApprovals(folder: string, rounds: number): Promise<readonly BenchRow[]> {
  const place = await benchAgentPlace(folder, 'approvals')
  const local = await openBenchAgent(place)
  const approver = local.as({ actor: { kind: 'user', uid: 1002, name: 'approver' }, owner: false })
  const clients: Agent[] = []
  try {
    await local.serve()
    for (let count = 0; count < APPROVERS; count++) {
      const client = await connectAgent({ runDirectory: runDirectory(place.stateDirectory) })
      if (client === undefined) throw new Error('the agent does not serve its socket')
      clients.push(client)
    }
    const waiting = await proposalsOf(local, 1 + rounds * PAIRS + rounds * 2 * (ALONE + TOGETHER))
    const bytes = await bytesOfApproval(local, approver, waiting)
    return [
      ...(await againstFsync(join(folder, 'raw-approvals'), bytes, approver, waiting, rounds * PAIRS)),
      ...(await perSecond(approver, clients, waiting, rounds)),
    ]
  } finally {
    for (const client of clients) await client.close()
    await local.close()
  }
}

/** Proposals that wait; each is taken once. */
type Waiting = () => Proposal

async function proposalsOf(local: LocalAgent, count: number): Promise<Waiting> {
  const proposals = [...benchProposals(count)]
  await putUp(local, proposals)
  return () => {
    const proposal = proposals.shift()
    if (proposal === undefined) throw new Error('no proposal waits any more')
    return proposal
  }
}

/** Also reads the binary for the first time, which later approvals know by its inode. */
async function bytesOfApproval({ record }: LocalAgent, approver: Agent, waiting: Waiting): Promise<number> {
  const before = record.durable.seq
  await approveOne(approver, waiting)
  let bytes = 0
  for await (const line of record.lines(before + 1)) bytes += Buffer.byteLength(JSON.stringify(line)) + 1
  return bytes
}

async function approveOne(agent: Agent, waiting: Waiting): Promise<void> {
  const { id, digest } = waiting()
  await agent.approve({ proposal: id, digest })
}

/** One by one in turn, so that both meet the same disk. */
async function againstFsync(
  path: string,
  bytes: number,
  approver: Agent,
  waiting: Waiting,
  pairs: number,
): Promise<readonly BenchRow[]> {
  const raw = await open(path, 'a')
  const line = Buffer.alloc(bytes, 'x')
  const [written, approved]: [number[], number[]] = [[], []]
  try {
    for (let pair = 0; pair < pairs; pair++) {
      written.push(await duration(() => raw.write(line).then(() => raw.sync())))
      approved.push(await duration(() => approveOne(approver, waiting)))
    }
  } finally {
    await raw.close()
  }
  const ratio = median(approved) / median(written)
  return [
    { what: `raw write and fsync of ${bytes} bytes, median`, value: `${median(written).toFixed(2)} ms` },
    {
      what: 'approval, median',
      value: `${median(approved).toFixed(2)} ms`,
      against: `${ratio.toFixed(2)} × the raw time, wanted ${WANTED_FSYNCS}`,
      verdict: ratio <= WANTED_FSYNCS ? 'within' : 'over',
    },
  ]
}

async function perSecond(
  approver: Agent,
  clients: readonly Agent[],
  waiting: Waiting,
  rounds: number,
): Promise<readonly BenchRow[]> {
  const inProcess = clients.map(() => approver)
  const contenders = [
    { name: '1 approver', agents: [approver], count: ALONE },
    { name: `${APPROVERS} approvers`, agents: inProcess, count: TOGETHER },
    { name: '1 approver over the socket', agents: clients.slice(0, 1), count: ALONE },
    { name: `${APPROVERS} approvers over the socket`, agents: clients, count: TOGETHER },
  ]
  const shortest = await shortestDurations(
    contenders.map(({ name, agents, count }) => ({ name, run: () => approveAll(agents, waiting, count) })),
    rounds,
  )
  const rate = ({ name, count }: (typeof contenders)[number]): number => (count / (shortest.get(name) ?? NaN)) * 1000
  const [alone] = contenders
  return contenders.map((contender): BenchRow => {
    const row = { what: `approvals, ${contender.name}`, value: `${rate(contender).toFixed(0)}/s` }
    if (alone === undefined || contender === alone) return row
    return { ...row, against: `${(rate(contender) / rate(alone)).toFixed(1)} × one approver in this process` }
  })
}

/** Each approver takes the next as soon as its own is durable. */
async function approveAll(agents: readonly Agent[], waiting: Waiting, count: number): Promise<void> {
  await Promise.all(
    agents.map(async (agent) => {
      for (let done = 0; done < count / agents.length; done++) await approveOne(agent, waiting)
    }),
  )
}

async function duration(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now()
  await work()
  return performance.now() - began
}

function median(values: readonly number[]): number {
  return [...values].sort((one, other) => one - other)[Math.floor(values.length / 2)] ?? Number.NaN
}
