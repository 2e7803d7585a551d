import { type ContributedCommandContext, type ContributedCommandResult, readTopology } from '@janus/core'
import { describePinning } from '../cpu-topology/describe-pinning.js'
import { drawTopology } from '../cpu-topology/draw-topology.js'
import type { PinningProposal } from '../cpu-topology/pinning.js'
import { proposePinning } from '../cpu-topology/propose-pinning.js'
import { parseTopologyArguments, USAGE } from './arguments.js'

/**
 * Runs `janus topology`: draws a machine, and proposes a pinning where one is asked for. Reads, and changes nothing.
 * @throws JANUS_USAGE; what proposePinning throws
 */
export async function run(
  context: ContributedCommandContext,
  args: readonly string[],
): Promise<ContributedCommandResult> {
  const { help, host, wish } = parseTopologyArguments(args)
  if (help) return { data: null, text: USAGE }
  const janus = await context.open(host)
  const topology = await readTopology(janus.host)
  if (wish === undefined) return { data: { topology, proposal: null }, text: drawTopology(topology) }
  const proposal = proposePinning(topology, { ...wish, memoryKiB: wish.memory })
  return { data: { topology, proposal }, text: [drawTopology(topology, proposal), '', ...reasons(proposal)].join('\n') }
}

function reasons(proposal: PinningProposal): readonly string[] {
  const { why, compromises, refused } = proposal
  return [
    describePinning(proposal),
    '',
    'why',
    ...why.map(({ choice, because }) => `  ${choice.padEnd(8)}  ${because}`),
    ...(compromises.length === 0 ? [] : ['', 'not as it should be', ...compromises.map((one) => `  ${one}`)]),
    ...(refused.length === 0 ? [] : ['', 'not taken']),
    ...refused.map(({ alternative, because }) => `  ${alternative}: ${because}`),
  ]
}
