import { type Change, contentDigest } from '@janus/core'
import { autoprobePath } from '../virtual-functions/enabled-functions.js'
import { bootRuleText } from './boot-rule.js'
import type { PhysicalFunction } from './physical-function.js'

/** The rule that a boot needs: written, replaced, or for no functions at all removed. */
export function bootRuleChanges(target: PhysicalFunction, functions: number): readonly Change[] {
  const { device, rule, autoprobe } = target
  if (isAtBoot(target, functions)) return []
  const number = { kind: 'equals', path: `${device.path}/sriov_numvfs`, value: String(functions) } as const
  if (functions === 0) {
    const why = `let ${device.address} start without virtual functions: remove the rule that Janus wrote`
    const verify = [{ kind: 'absent', path: rule.path }] as const
    return [{ kind: 'remove-file', path: rule.path, why, verify, scope: 'persistent', afterBoot: [number] }]
  }
  const text = ruleOf(target, functions)
  return [
    ...rule.missingFolders.map(
      (path): Change => ({
        kind: 'create-directory',
        path,
        mode: 0o755,
        why: 'make the folder of the rules for udev',
        scope: 'persistent',
      }),
    ),
    {
      kind: 'write-file',
      path: rule.path,
      content: { text },
      mode: 0o644,
      why: `have udev turn on ${functions} virtual functions of ${device.address} at every boot, if it still is the same device`,
      verify: [{ kind: 'sha256', path: rule.path, value: contentDigest({ text }) }],
      scope: 'persistent',
      afterBoot: [
        number,
        ...(autoprobe === undefined ? [] : [{ kind: 'equals', path: autoprobePath(device), value: '0' } as const]),
      ],
    },
  ]
}

/** True when a boot needs no other rule than there is. */
export function isAtBoot(target: PhysicalFunction, functions: number): boolean {
  const { present } = target.rule
  return functions === 0 ? present === undefined : present === ruleOf(target, functions)
}

function ruleOf({ device, autoprobe }: PhysicalFunction, functions: number): string {
  return bootRuleText(device, functions, device.driver ?? '', autoprobe !== undefined)
}
