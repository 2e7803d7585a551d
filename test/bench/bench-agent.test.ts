import { expect, test } from 'vitest'
import { benchAgentPlace, benchProposals, openBenchAgent, putUp } from '../../bench/fixtures/bench-agent.js'
import { temporaryFolder } from '../temporary-folder.js'

test('what the bench puts up for review can be approved by whom it approves as, under the rules as they are', async () => {
  const agent = await openBenchAgent(await benchAgentPlace(await temporaryFolder('bench-agent'), 'agent'))
  try {
    const proposals = benchProposals(2)
    await putUp(agent, proposals)
    const approver = agent.as({ actor: { kind: 'user', uid: 1002, name: 'approver' }, owner: false })
    for (const { id, digest } of proposals) {
      expect(await approver.approve({ proposal: id, digest })).toMatchObject({ status: 'approved' })
    }
  } finally {
    await agent.close()
  }
})
