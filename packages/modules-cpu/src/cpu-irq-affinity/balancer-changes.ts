import type { Change, Host } from '@janus/core'
import { dropInChanges, reloadChange } from '../drop-in-changes.js'
import { type Balancer, UNIT } from './balancer.js'
import { type Ban, banWords } from './ban.js'
import { DIRECTORY, type Telling } from './telling.js'

// Only one that runs: what was stopped since is not started.
const RESTART = { kind: 'run-command', command: 'systemctl', args: ['try-restart', UNIT], timeout: 90_000 } as const
const scope = 'runtime'

/**
 * The changes that tell irqbalance what to leave alone: a drop-in that ends with the boot, as affinities do, and a restart,
 * because it reads its environment when it starts and never again. That it runs afterwards is not verified: where somebody has
 * stopped it, nobody moves interrupts.
 */
export async function balancerChanges(
  host: Host,
  balancer: Balancer,
  telling: Telling,
  ban: Ban,
): Promise<readonly Change[]> {
  const words = banWords(ban)
  const restart: Change = { ...RESTART, why: `have irqbalance leave alone ${words}`, scope, undo: [] }
  if (telling.by === 'restart') return [reloadChange(`have systemd read the files of ${UNIT}`), restart]
  if (telling.by !== 'files') return []
  const why = `tell irqbalance to leave alone ${words}`
  const files = []
  for (const [path, text] of telling.files)
    files.push({ path, text, why, isThere: (await host.readText(path)).value === text })
  const hasDirectory = await host.exists(DIRECTORY)
  const changes = dropInChanges({
    files,
    missingFolders: hasDirectory ? [] : [{ path: DIRECTORY, why: `make room for a drop-in of ${UNIT}` }],
    scope,
    why: 'have systemd read the drop-in',
    undone: [
      {
        ...RESTART,
        why: 'have irqbalance start with what it was started with before',
        onlyWhen: [{ kind: 'exists', path: balancer.evidence.path }],
        scope,
      },
    ],
  })
  return [...changes, restart]
}
