/** Something that the daemon does again and again. */
export interface DaemonLoop {
  /** `tick`, `thinking`: as people and the service manager read it. */
  readonly name: string
  /** Milliseconds between the end of a round and the next one. */
  readonly every: number
  /** Milliseconds that a round may take before the watchdog misses it. Default: 60000. */
  readonly longest?: number
  /** One round. What it throws is told, and the loop goes on; such a round does not count as progress. */
  run(signal: AbortSignal): Promise<void>
}
