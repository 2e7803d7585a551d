import type { Janus } from '@janus/core'
import type { StopReport } from '../contract/stop.js'
import type { ToolUsers } from '../sandbox/tool-users.js'

/** What a daemon is started with. */
export interface DaemonOptions {
  /** Of the agent, absolute. */
  readonly stateDirectory: string
  /** The configuration; looked for in its usual places when left out. */
  readonly config?: string | undefined
  /** The facade of core: applies and undoes approved plans, makes those that are thought of, knows the tools of packages. */
  readonly janus: Pick<Janus, 'host' | 'apply' | 'rollback' | 'history' | 'tools' | 'plan' | 'modules' | 'describe'>
  /** Asks it to end: at once, without a stop that outlasts it. */
  readonly signal: AbortSignal
  /** The environment that it was started in: of the service manager, and for tools that are given variables by name. */
  readonly env: Readonly<Record<string, string | undefined>>
  /** Told of what happens, one line each. Untrusted text is in it as it is. */
  say(line: string): void
  /** Whom tools run as when the daemon is root. Default: those of the user that the settings name. */
  readonly toolUsers?: ToolUsers
  /** Program and first arguments of the supervisor. Default: the built one of this package. */
  readonly supervisor?: readonly [program: string, ...args: string[]]
  /** Milliseconds for which the event loop may stand still. Default: 30000. */
  readonly blockedAfter?: number
}

/** How a daemon ended. */
export interface DaemonEnd {
  readonly because: 'asked' | 'stopped'
  /** What became of the stop. */
  readonly stop: StopReport | null
}
