import type { Change, Host } from '@janus/core'
import { type Balancer, UNIT } from './balancer.js'
import { type Ban, banWords } from './ban.js'
import { DIRECTORY, DROP_IN, type Telling } from './telling.js'

const RELOAD = { kind: 'run-command', command: 'systemctl', args: ['daemon-reload'], timeout: 90_000 } as const
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
  if (telling.by === 'restart')
    return [{ ...RELOAD, why: `have systemd read the files of ${UNIT}`, scope, undo: [] }, restart]
  if (telling.by !== 'files') return []
  const hasDirectory = await host.exists(DIRECTORY)
  const files: Change[] = []
  for (const [path, text] of telling.files)
    if ((await host.readText(path)).value !== text)
      files.push(fileChange(path, text, `tell irqbalance to leave alone ${words}`))
  return [
    // Undone in reverse, the first step comes last: behind it systemd starts irqbalance with what is left.
    {
      ...RELOAD,
      why: 'have systemd read what there is, and once it is undone what is left',
      scope,
      undo: [
        { ...RELOAD, why: 'have systemd forget the drop-in', scope },
        {
          ...RESTART,
          why: 'have irqbalance start with what it was started with before',
          onlyWhen: [{ kind: 'exists', path: balancer.evidence.path }],
          scope,
        },
      ],
    },
    ...(hasDirectory ? [] : [directoryChange()]),
    ...files,
    { ...RELOAD, why: 'have systemd read the drop-in', expect: [{ kind: 'exists', path: DROP_IN }], scope, undo: [] },
    restart,
  ]
}

function directoryChange(): Change {
  return { kind: 'create-directory', path: DIRECTORY, mode: 0o755, why: `make room for a drop-in of ${UNIT}`, scope }
}

function fileChange(path: string, text: string, why: string): Change {
  return { kind: 'write-file', path, content: { text }, mode: 0o644, why, scope }
}
