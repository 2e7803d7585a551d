import type { ProposalStatus } from '../../src/index.js'

type Bounds = readonly [least: number, most: number]

/** A point of an execution at which the process that executes is killed. */
export interface CrashPoint {
  readonly point: string
  readonly when: string
  /** The action fails, and its rollback runs. */
  readonly fails?: true
  /** Bubblewrap is being started: what of it lost its parent before it asked to end with it is ended by the restart. */
  readonly mayLeave?: true
  /** What runs there is never seen to end by itself. */
  readonly endless?: true
  /** Where the proposal may stand after a restart. */
  readonly statuses: readonly ProposalStatus[]
  /** Effects of the action, at least and at most. */
  readonly effects: Bounds
  /** Effects of its rollback. */
  readonly undone: Bounds
  /** Ends of the execution on the record. */
  readonly ends: Bounds
}

/** The twelve points of an execution, in their order. */
const POINTS: readonly (Omit<CrashPoint, 'undone' | 'ends'> & Partial<CrashPoint>)[] = [
  { point: 'before', when: 'before its warrant is used up', statuses: ['approved'], effects: [0, 0] },
  {
    point: 'consuming',
    when: 'while its warrant is being used up',
    statuses: ['approved', 'unknown'],
    effects: [0, 1],
  },
  {
    point: 'consumed',
    when: 'once its warrant is used up, before anything is prepared',
    statuses: ['unknown'],
    effects: [0, 0],
  },
  {
    point: 'starting',
    when: 'in the turn of its start, before the process is there',
    statuses: ['unknown'],
    effects: [0, 0],
  },
  {
    point: 'started',
    when: 'in the turn of its start, before its process is registered',
    mayLeave: true,
    endless: true,
    statuses: ['unknown'],
    effects: [0, 1],
  },
  {
    point: 'running',
    when: 'while it runs, once it had its effect',
    endless: true,
    statuses: ['unknown'],
    effects: [1, 1],
  },
  { point: 'ended', when: 'once it has ended, before that is recorded', statuses: ['unknown'], effects: [1, 1] },
  {
    point: 'concluding',
    when: 'while its end is being recorded',
    statuses: ['unknown', 'completed'],
    effects: [1, 1],
    ends: [0, 1],
  },
  { point: 'concluded', when: 'once its end is recorded', statuses: ['completed'], effects: [1, 1], ends: [1, 1] },
  {
    point: 'rollback-begun',
    when: 'once its rollback is begun on the record, before it starts',
    fails: true,
    statuses: ['unknown'],
    effects: [1, 1],
  },
  {
    point: 'rollback-running',
    when: 'while its rollback runs, once that had its effect',
    fails: true,
    endless: true,
    statuses: ['unknown'],
    effects: [1, 1],
    undone: [1, 1],
  },
  {
    point: 'rollback-ended',
    when: 'once the end of its rollback is recorded, before its own is',
    fails: true,
    statuses: ['failed'],
    effects: [1, 1],
    undone: [1, 1],
  },
]

/** What is not said of a point is none. */
export const CRASH_POINTS: readonly CrashPoint[] = POINTS.map((each) => ({ undone: [0, 0], ends: [0, 0], ...each }))
