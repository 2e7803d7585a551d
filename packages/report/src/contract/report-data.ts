import type { CheckReport, Inventory, Topology } from '@janus/core'
import type { BindingOutlook } from '@janus/modules-gpu'

/** What the head of a report says of the machine; what the host does not show is left out. */
export interface ReportMachine {
  /** For messages: `this machine`, `snapshot lab.json`. */
  readonly description: string
  readonly kind: 'live' | 'tree' | 'snapshot'
  /** Release as `uname -r` prints it. */
  readonly kernel?: string
  /** `/proc/cmdline`. */
  readonly commandLine?: string
  /** Model name of the first processor. */
  readonly processor?: string
  readonly memoryKiB?: number
  /** When the machine was looked at, in ISO 8601: the capture of a snapshot, now for a live machine, unknown for a tree. */
  readonly seenAt?: string
  /** Of a snapshot: true when identities were replaced by tokens. */
  readonly masked?: boolean
}

/** All that a report shows, as plain JSON: no order of keys and no member depends on when it is made, for a snapshot. */
export interface ReportData {
  readonly schema: 'janus.report/1'
  /** Version of the Janus that made it. */
  readonly janusVersion: string
  readonly machine: ReportMachine
  /** What `janus check` answers. */
  readonly check: CheckReport
  /** What `janus bind --list` answers. */
  readonly inventory: Inventory
  /** What binding each group, and each endpoint by itself, would come to, by the plan of gpu-vfio. */
  readonly outlooks: readonly BindingOutlook[]
  readonly topology: Topology
}
