import { open } from 'node:fs/promises'
import { join } from 'node:path'
import {
  type Agent,
  connectAgent,
  type LocalAgent,
  type Proposal,
  runDirectory,
} from '../../packages/agent/src/index.js'
import { benchAgentPlace, benchProposals, openBenchAgent, putUp } from '../fixtures/bench-agent.js'
import { type Durations, interleavedDurations } from '../measuring/interleaved.js'
import { defineBenchSubject } from '../report/bench-subject.js'

const PAIRS = 100
const APPROVERS = 64
/** Approvals of one contender in a round: of one approver, of all. */
const ALONE = 64
const TOGETHER = 640
const WANTED_FSYNCS = 3
const ONE_APPROVER = '1 approver in the process of the agent'

/**
 * What an approval costs beyond the fsync that the disk itself demands, and how many there are in a second: asked of the agent in this process, and
 * over its socket by as many connections as there are approvers.
 */
export const agentApprovals = defineBenchSubject({
  id: 'agent-approvals',
  title: 'Approvals of the agent',
  rows: {
    median: {
      what: 'an approval, median',
      unit: 'ms',
      calibration: 'write and fsync of as many bytes, median',
      target: { of: 'ratio', bound: 'at-most', limit: WANTED_FSYNCS },
    },
    '64-approvers': { what: 'approvals of 64 approvers', unit: '/s', calibration: ONE_APPROVER },
    socket: { what: 'approvals of 1 approver over the socket', unit: '/s', calibration: ONE_APPROVER },
    'socket-64-approvers': { what: 'approvals of 64 approvers over the socket', unit: '/s', calibration: ONE_APPROVER },
  },
  async measure({ folder, quick }) {
    const rounds = quick ? 1 : 5
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
      const one = await besideFsync(join(folder, 'raw'), bytes, approver, waiting, rounds * PAIRS)
      const { shortest } = await severalWays(approver, clients, waiting, rounds)
      const perSecond = (name: Way): number => (1000 * countOf(name)) / shortest(name)
      return {
        median: () => ({ value: one.median('approval'), calibration: one.median('raw') }),
        '64-approvers': () => ({ value: perSecond('all'), calibration: perSecond('one') }),
        socket: () => ({ value: perSecond('oneOverSocket'), calibration: perSecond('one') }),
        'socket-64-approvers': () => ({ value: perSecond('allOverSocket'), calibration: perSecond('one') }),
      }
    } finally {
      for (const client of clients) await client.close()
      await local.close()
    }
  },
})

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
async function besideFsync(
  path: string,
  bytes: number,
  approver: Agent,
  waiting: Waiting,
  pairs: number,
): Promise<Durations<'raw' | 'approval'>> {
  const raw = await open(path, 'a')
  const line = Buffer.alloc(bytes, 'x')
  try {
    return await interleavedDurations(
      {
        raw: () => raw.write(line).then(() => raw.sync()),
        approval: () => approveOne(approver, waiting),
      },
      pairs,
    )
  } finally {
    await raw.close()
  }
}

type Way = 'one' | 'all' | 'oneOverSocket' | 'allOverSocket'

function countOf(way: Way): number {
  return way === 'one' || way === 'oneOverSocket' ? ALONE : TOGETHER
}

function severalWays(
  approver: Agent,
  clients: readonly Agent[],
  waiting: Waiting,
  rounds: number,
): Promise<Durations<Way>> {
  const way = (name: Way, agents: readonly Agent[]) => () => approveAll(agents, waiting, countOf(name))
  return interleavedDurations(
    {
      one: way('one', [approver]),
      all: way(
        'all',
        clients.map(() => approver),
      ),
      oneOverSocket: way('oneOverSocket', clients.slice(0, 1)),
      allOverSocket: way('allOverSocket', clients),
    },
    rounds,
  )
}

/** Each approver takes the next as soon as its own is durable. */
async function approveAll(agents: readonly Agent[], waiting: Waiting, count: number): Promise<void> {
  await Promise.all(
    agents.map(async (agent) => {
      for (let done = 0; done < count / agents.length; done++) await approveOne(agent, waiting)
    }),
  )
}
