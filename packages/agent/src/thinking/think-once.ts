import type { ModeAnswer } from '../contract/agent.js'
import type { Obstacle, ThinkingRefusal, ThinkingReport } from '../contract/thinking.js'
import { isAsked } from '../missions/mission-snapshot.js'
import { matchPlaybook } from '../playbook/match-playbook.js'
import { type Cycle, isRefusal } from './cycle.js'
import { obstaclesToThinking } from './obstacles-to-thinking.js'
import { proposeFromModel } from './propose-from-model.js'
import type { ThinkOptions } from './think-options.js'

const MOST_REFUSED = 50

/**
 * One cycle: playbooks whose triggers hold are proposed, then the model is asked for proposals, and what is good of its answer is proposed. It never fails by what a model, a mission or a
 * material is; what came of it and why is its report.
 * @throws when nothing can be recorded any more, and what is a bug
 */
export async function thinkOnce(options: ThinkOptions): Promise<ThinkingReport> {
  const { agent, clock, tell, model, mission } = options
  const at = clock.now().toISOString()
  tell({ event: 'thinking_cycle.begin', level: 'debug', data: {} })
  const mode = await agent.showMode()
  tell({ event: `thinking_cycle.${mode.permission.mode}_mode`, level: 'debug', data: {} })
  const cycle: Cycle = { proposed: [], refused: [...mission.refused] }
  await startPlaybook(options, mode, cycle)
  const pending = options.pending()
  const obstacles = obstaclesToThinking({
    ...options,
    mode,
    pending,
    breakerState: options.breaker.state(),
    isAsked: isAsked(mission),
  })
  const usage =
    obstacles.length === 0 && model !== undefined
      ? await proposeFromModel(options, model, { mode, pending }, cycle)
      : undefined
  const report: ThinkingReport = {
    at,
    proposed: cycle.proposed,
    refused: [...cycle.refused, ...obstacles.map(asRefusal)].slice(0, MOST_REFUSED),
    because: reasonOf(cycle, obstacles),
    ...(usage === undefined ? {} : { usage }),
    model: model === undefined ? null : { kind: model.kind, name: model.name },
  }
  if (options.trace)
    for (const { code, text } of report.refused)
      tell({ event: 'thinking_cycle.not_proposed', level: 'info', data: { code, because: text } })
  const data = { proposed: report.proposed.length, refused: report.refused.length, because: report.because }
  tell({ event: 'thinking_cycle.complete', level: 'info', data })
  return report
}

async function startPlaybook(
  { playbooks, metrics, tell }: ThinkOptions,
  { permission }: ModeAnswer,
  cycle: Cycle,
): Promise<void> {
  if (playbooks === undefined || !permission.propose) return
  const matched = matchPlaybook(playbooks.approved, metrics)
  if (matched === undefined || playbooks.isUnderWay(matched.playbook.playbookId)) return
  const { playbookId: playbook } = matched.playbook
  tell({ event: 'thinking_cycle.playbook_matched', level: 'info', data: { playbook } })
  try {
    cycle.proposed.push((await playbooks.proposeStep(matched, 0)).proposal.id)
  } catch (error) {
    if (!isRefusal(error)) throw error
    cycle.refused.push({ code: error.code, text: `playbook ${playbook}: ${error.message}` })
  }
}

function asRefusal({ code, because }: Obstacle): ThinkingRefusal {
  return { code, text: because }
}

function reasonOf({ proposed, refused }: Cycle, obstacles: readonly Obstacle[]): string {
  if (proposed.length > 0) return `${proposed.length} proposed`
  const [obstacle] = obstacles
  if (obstacle !== undefined) return obstacle.because
  const last = refused.at(-1)
  return last === undefined ? 'the model proposed nothing' : last.text
}
