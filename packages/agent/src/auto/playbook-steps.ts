import type { Actor } from '../contract/actor.js'
import type { ProposalRecord } from '../contract/proposal.js'
import type { LocalAgent } from '../local/local-agent.js'
import type { RecordedEvent } from '../record/agent-event.js'
import type { AgentState } from '../record/agent-state.js'

/** A step of a playbook, by what its proposal says. */
export interface PlaybookPlace {
  readonly playbook: string
  /** From 0. */
  readonly step: number
}

/** Goes on with playbooks: a step that completed is followed by the next one, one that did not ends it. */
export interface PlaybookSteps {
  /** Resolves when what followed from the events so far is proposed. */
  settled(): Promise<void>
  close(): void
}

/** The step that a proposal is; undefined for none. */
export function placeOf({ proposal: { content } }: Pick<ProposalRecord, 'proposal'>): PlaybookPlace | undefined {
  const { playbook_id: playbook, playbook_step: number } = content.metadata
  return typeof playbook === 'string' && typeof number === 'number' ? { playbook, step: number - 1 } : undefined
}

/** True while a step of a playbook is proposed, approved or runs, or its end is not known: it is not begun again. */
export function isPlaybookUnderWay({ open }: Pick<AgentState, 'open'>, playbook: string): boolean {
  return [...open.values()].some((each) => each.proposal.content.metadata.playbook_id === playbook)
}

/**
 * Proposes the next step whenever a step of a playbook completed, whoever approved it, while people's approval of the playbook is still the one it was begun under.
 * @param by who proposes, on the record
 * @param onProblem told of a step that could not be proposed: it ends the playbook
 */
export function followPlaybooks(
  agent: Pick<LocalAgent, 'record' | 'proposeStep'>,
  by: Actor,
  onProblem: (playbook: string, problem: unknown) => void,
): PlaybookSteps {
  const { record } = agent
  const running = new Map<string, PlaybookPlace & { readonly digest: string | undefined }>()
  let last: Promise<void> = Promise.resolve()

  const proposeNext = async ({ playbook, step, digest }: PlaybookPlace & { readonly digest: string | undefined }) => {
    const approved = record.state.playbooks.get(playbook)
    if (approved === undefined || approved.digest !== digest) return
    if (step + 1 >= approved.playbook.actionSequence.length) return
    await agent.proposeStep(approved, step + 1, by).catch((problem: unknown) => onProblem(playbook, problem))
  }

  const unwatch = record.watch((event: RecordedEvent) => {
    if (event.type !== 'proposal-moved') return
    const { proposal, to } = event.payload
    if (to === 'executing') {
      const open = record.state.open.get(proposal)
      const place = open && placeOf(open)
      if (place !== undefined)
        running.set(proposal, { ...place, digest: record.state.playbooks.get(place.playbook)?.digest })
      return
    }
    const place = running.get(proposal)
    running.delete(proposal)
    if (place === undefined || to !== 'completed') return
    last = last.then(() => proposeNext(place))
  })

  return {
    settled: async () => {
      let awaited: Promise<void> | undefined
      while (awaited !== last) {
        awaited = last
        await awaited
      }
    },
    close: unwatch,
  }
}
