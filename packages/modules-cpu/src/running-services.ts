import { type Evidence, type Host, readSystemdUnits } from '@janus/core'

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

/** Which of these services run: by the control group that systemd gives a unit that runs, or by what they leave in /run. */
export async function readRunningServices(
  host: Host,
  services: readonly Service[],
): Promise<readonly RunningService[]> {
  const groups = await readSystemdUnits(
    host,
    services.map(({ name }) => `${name}.service`),
  )
  const found = await Promise.all(
    services.map(async ({ name, traces = [] }) => {
      const group = groups.get(`${name}.service`)
      if (group !== undefined) return [{ name, evidence: { path: group } }]
      for (const path of traces) if (await host.exists(path)) return [{ name, evidence: { path } }]
      return []
    }),
  )
  return found.flat()
}
