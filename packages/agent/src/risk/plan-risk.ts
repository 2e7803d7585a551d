import { lossesOf, type Plan, runsAsRoot } from '@janus/core'
import type { RiskReason } from '../contract/risk.js'

/** What the changes of a module's plan say: nothing of them is taken from whoever proposed it. */
export function planRisk({ changes, module }: Plan): readonly RiskReason[] {
  if (changes.length === 0)
    return [{ level: 'low', rule: 'module-plan', because: `the plan of ${module.id} changes nothing` }]
  const losses = lossesOf(changes)
  const asRoot = changes.filter(runsAsRoot)
  const lasting = changes.filter(({ scope }) => scope === 'persistent')
  const reasons: (RiskReason | undefined)[] = [
    { level: 'medium', rule: 'module-plan', because: `the plan of ${module.id} makes ${changes.length} changes` },
    asRoot.length === 0
      ? undefined
      : {
          level: 'high',
          rule: 'runs-as-root',
          because: `${asRoot.length} of its changes make root or the kernel run something`,
        },
    losses.length === 0
      ? undefined
      : {
          level: 'high',
          rule: 'irreversible',
          because: `an undo does not bring back: ${losses.map(({ id }) => id).join(', ')}`,
        },
    lasting.length === 0
      ? undefined
      : { level: 'high', rule: 'persistent', because: `${lasting.length} of its changes outlast a reboot` },
  ]
  return reasons.filter((reason) => reason !== undefined)
}
