import { join } from 'node:path'
import type { ScenarioBoot, ScenarioContext } from '../scenario.js'
import type { LabDisk } from './boot-lab.js'
import { createDiskImage } from './disk-image.js'
import { reportedValue } from './record.js'

/** A moment at which the power is cut, as the guest named it (`cutThePower` of guest/kit/power-cuts.mjs). */
interface CutPoint {
  readonly phase: 'apply' | 'rollback'
  readonly title: string
}

/**
 * Boots again and again with /etc, /boot and the journal on disks, and kills QEMU in each boot but the first and the last: at
 * every order, at some fsyncs and after the end of an apply and of its rollback. Every boot looks at what the one before it left.
 * @param settings of each boot; its program calls `cutThePower` with the task, which is its last argument
 */
export async function cutAtEachPoint(
  { boot, check, note, folder }: ScenarioContext,
  settings: ScenarioBoot,
): Promise<void> {
  const disks = await lastingDisks(folder)
  const run = (task: object, options: Partial<ScenarioBoot> = {}) =>
    boot({ ...settings, ...options, disks, args: [...(settings.args ?? []), JSON.stringify(task)] })
  const hasFailed = ({ results }: Awaited<ReturnType<typeof boot>>): boolean =>
    results.some((record) => record.type === 'check' && !record.ok)

  const first = await run({ learn: true })
  const points = (reportedValue(first.results, 'points') ?? []) as readonly CutPoint[]
  check('there are points to cut at', points.length > 0)
  if (hasFailed(first)) return
  const endings: Record<CutPoint['phase'], Set<string>> = { apply: new Set(), rollback: new Set() }
  for (const [index, look] of [undefined, ...points].entries()) {
    const cut = points[index]
    const outcome = await run(
      { look, cut },
      cut === undefined
        ? {}
        : { expectedEnd: 'cut', killWhen: (record) => record.type === 'marker' && record.name === 'cut the power' },
    )
    const seen = reportedValue(outcome.results, 'ending') as { ending: string } | undefined
    if (look !== undefined && seen !== undefined) endings[look.phase].add(seen.ending)
    // What is on the disks now is not what the next point begins with.
    if (hasFailed(outcome) || (outcome.end !== 'cut' && cut !== undefined)) return
  }
  for (const [phase, seen] of Object.entries(endings)) {
    check(`${phase}: both end states occur`, seen.has('before') && seen.has('planned'), [...seen])
  }
  note(`the power was cut ${points.length} times`)
}

async function lastingDisks(folder: string): Promise<readonly LabDisk[]> {
  const image = (name: string, sizeMiB: number): Promise<string> =>
    createDiskImage(join(folder, `${name}.img`), { ext4: true, sizeMiB })
  return [
    { image: await image('etc', 64), name: 'etc', layerAt: '/etc' },
    { image: await image('boot', 128), name: 'boot', mountAt: '/boot' },
    { image: await image('state', 64), name: 'state', mountAt: '/var/lib/janus' },
    { image: await image('notes', 64), name: 'notes', mountAt: '/run/power-cut' },
  ]
}
