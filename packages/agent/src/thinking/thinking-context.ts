import type { Mission } from '../contract/mission.js'
import type { OperationalMode } from '../contract/mode.js'
import type { Metrics } from '../contract/playbook.js'
import type { MissionSnapshot } from '../missions/mission-snapshot.js'

/** What a model is told of the agent and its missions, by the names of the documents. Holds untrusted text. */
export interface ThinkingContext {
  readonly vessel_id: string
  readonly timestamp: string
  readonly mode: OperationalMode
  readonly mission_objectives: MissionInWords | null
  readonly mission: MissionInWords | null
  /** The mission in one line. */
  readonly mission_brief: string
  readonly pending_approvals: number
  /** Of the decisions in this mode, 0 to 1; null without any. */
  readonly approval_rate: number | null
  readonly live_metrics: Metrics
}

interface MissionInWords {
  readonly mission_id: string
  readonly name: string
  readonly objective: string
  readonly goals: readonly string[]
  readonly status: string
  readonly deliverable: string | null
  readonly tasks: readonly { readonly description: string; readonly status: string }[]
  readonly mission_context: string
}

/** What a context is made of, besides the missions. */
export interface ContextInput extends Pick<MissionSnapshot, 'mission' | 'objectives'> {
  readonly vesselId: string
  /** ISO 8601. */
  readonly at: string
  readonly mode: OperationalMode
  readonly pending: number
  readonly approvalRate: number | null
  readonly metrics: Metrics
}

const MOST_LIST = 30
const MOST_CHARACTERS = 2000
const MOST_BRIEF = 300
const MOST_METRICS = 100

/** The context of one cycle. Lists and texts are cut. */
export function thinkingContext(input: ContextInput): ThinkingContext {
  const { mission, objectives } = input
  return {
    vessel_id: input.vesselId,
    timestamp: input.at,
    mode: input.mode,
    mission_objectives: objectives === undefined ? null : inWords(objectives),
    mission: mission === undefined ? null : inWords(mission),
    mission_brief: missionBrief(input),
    pending_approvals: input.pending,
    approval_rate: input.approvalRate,
    live_metrics: Object.fromEntries(Object.entries(input.metrics).slice(0, MOST_METRICS)),
  }
}

/** What a proposal is for, in one line: the mission, else the objective, else the vessel itself. */
export function missionBrief({
  mission,
  objectives,
  vesselId,
}: Pick<ContextInput, 'mission' | 'objectives' | 'vesselId'>): string {
  const served = mission ?? objectives
  if (served === undefined) return `Keep ${vesselId} well`
  return cut(`${served.name}: ${served.objective}`.replace(/\s+/g, ' '), MOST_BRIEF)
}

function inWords(mission: Mission): MissionInWords {
  return {
    mission_id: mission.id,
    name: mission.name,
    objective: cut(mission.objective, MOST_CHARACTERS),
    goals: mission.goals.slice(0, MOST_LIST).map((goal) => cut(goal, MOST_CHARACTERS)),
    status: mission.status,
    deliverable: mission.deliverable?.location ?? null,
    tasks: mission.tasks
      .slice(0, MOST_LIST)
      .map(({ description, status }) => ({ description: cut(description, MOST_CHARACTERS), status })),
    mission_context: cut(mission.context, MOST_CHARACTERS),
  }
}

function cut(text: string, most: number): string {
  // A proposal is for it, and holds neither.
  const whole = (part: string): string => part.replace(/[\0\p{Surrogate}]/gu, '\ufffd')
  return text.length > most ? `${whole(text.slice(0, most))}...` : whole(text)
}
