import type { Evidence, Host } from '@janus/core'

/** A background program that a module has to know of. */
export interface Service {
  /** As people call it, and as systemd calls its unit. */
  readonly name: string
  /** Paths of which one is there while it runs, for hosts without systemd. */
  readonly traces?: readonly string[]
}

/** A service that runs, and what shows it. */
export interface RunningService {
  readonly name: string
  readonly evidence: Evidence
}

/** Where systemd keeps the control groups of system units: cgroup v2, and the two layouts with v1. */
const SLICES = ['/sys/fs/cgroup', '/sys/fs/cgroup/unified', '/sys/fs/cgroup/systemd'].map(
  (root) => `${root}/system.slice`,
)

/** Which of these services run: by the control group that systemd gives a unit that runs, or by what they leave in /run. */
export async function readRunningServices(
  host: Host,
  services: readonly Service[],
): Promise<readonly RunningService[]> {
  const found = await Promise.all(
    services.map(async ({ name, traces = [] }) => {
      for (const path of [...SLICES.map((slice) => `${slice}/${name}.service`), ...traces])
        if (await host.exists(path)) return [{ name, evidence: { path } }]
      return []
    }),
  )
  return found.flat()
}
