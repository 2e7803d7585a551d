// A process of its own: decides every proposal that it is told of, as `janus agent approve` or `reject` would, each time anew.

import { openAgent } from '../../src/open-agent.js'
import { localAgent } from './local-agent.js'

const { label, decision, work } = JSON.parse(process.argv[2] ?? '') as {
  readonly label: string
  readonly decision: 'approve' | 'reject' | 'both'
  readonly work: readonly { readonly directory: string; readonly proposals: readonly (readonly [string, string])[] }[]
}

const outcomes: unknown[] = []
for (const { directory, proposals } of work) {
  for (const [index, [proposal, digest]] of proposals.entries()) {
    const agent = await openAgent({ stateDirectory: directory, openLocal: () => localAgent(directory) })
    const approves = decision === 'approve' || (decision === 'both' && index % 2 === (label === 'first' ? 0 : 1))
    outcomes.push(
      await (approves
        ? agent.approve({ proposal, digest, label })
        : agent.reject({ proposal, reason: 'no', label })
      ).then(
        (answer) => ({ won: answer.decision.label, decision: answer.decision.decision }),
        (error: { code: string; data: { decisions: readonly { label: string; decision: string }[] } }) => ({
          code: error.code,
          told: error.data.decisions?.map((each) => [each.label, each.decision]),
        }),
      ),
    )
    await agent.close()
  }
}
process.stdout.write(JSON.stringify(outcomes))
