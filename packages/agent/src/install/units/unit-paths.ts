/** What a unit is about besides the settings. Paths are absolute. */
export interface UnitPaths {
  /** The program `janus`. */
  readonly program: string
  readonly config: string
  /** Directory of the record and the socket. */
  readonly stateDirectory: string
  /** User and group that it runs as. */
  readonly user: string
  readonly group: string
  /** Home of that user. */
  readonly home: string
  /** Directories that it writes. */
  readonly writes: readonly string[]
  /** Memory of the host, bytes. */
  readonly totalBytes: number
  /** Addresses, networks or systemd's words for them that it may reach when no tool may reach a domain. */
  readonly addresses: readonly string[]
}

/** Directory of the units that an operator makes. */
export const UNITS = '/etc/systemd/system'

/** Names of the units. */
export const AGENT_UNIT = 'janus-agent.service'
export const CONTROLS_UNIT = 'janus-controls.service'
/** What the documents call the first. */
export const AGENT_ALIAS = 'janus_agentd.service'
