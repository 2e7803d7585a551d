// A process of its own: puts proposals on the record and rejects every other one until it is killed; its views are written beside.
import { EXECUTOR, force, put } from './decision-context.js'
import { localAgent } from './local-agent.js'
import { sampleProposal } from './sample-proposal.js'
import { viewOptions } from './view-options.js'

const { directory, views } = JSON.parse(process.argv[2] ?? '') as { readonly directory: string; readonly views: string }
const agent = await localAgent(directory, { views: viewOptions(views) })
process.stdout.write('begun\n')
for (let count = 0; EXECUTOR.kind === 'agent'; count += 1) {
  const { id } = await put(agent.record, sampleProposal())
  if (count % 2 === 0) await force(agent.record, id, 'rejected')
}
