/** Where the views lie. Absolute paths; a view whose directory is not there is not written. */
export interface ViewPaths {
  readonly missionLog: string
  readonly toolLog: string
  readonly proposalsLog: string
  readonly approvalQueue: string
  /** What happened, for people who watch: no view, but lines that are added while a process runs, for `logrotate` to take. */
  readonly agentLog: string
}

/** Name of a view. */
export type ViewName = Exclude<keyof ViewPaths, 'agentLog'>

/** All views. */
export const VIEW_NAMES: readonly ViewName[] = ['missionLog', 'toolLog', 'proposalsLog', 'approvalQueue']
