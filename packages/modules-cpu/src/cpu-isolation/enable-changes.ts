import type { Change } from '@janus/core'
import { CGROUP_ROOT } from './cgroup-tree.js'
import type { Isolable } from './require-isolable.js'

/**
 * The change that gives the groups below the root the controller cpuset: before, they have no processors to speak of.
 * @param gone a group that has to be gone before the controller is taken back
 */
export function enableChanges({ tree }: Isolable, gone?: string): readonly Change[] {
  if (tree.enabled.includes('cpuset')) return []
  const path = `${CGROUP_ROOT}/cgroup.subtree_control`
  const before = tree.enabled.join(' ')
  const after = tree.controllers.filter((name) => name === 'cpuset' || tree.enabled.includes(name)).join(' ')
  return [
    {
      kind: 'write-attribute',
      path,
      value: '+cpuset',
      why: 'give the groups below the root the controller cpuset',
      expect: [{ kind: 'equals', path, value: before }],
      verify: [{ kind: 'equals', path, value: after }],
      scope: 'runtime',
      undo: [
        {
          kind: 'write-attribute',
          path,
          value: '-cpuset',
          why: 'take the controller from them again',
          unless: [{ kind: 'equals', path, value: before }],
          expect: [
            { kind: 'equals', path, value: after },
            ...(gone === undefined ? [] : [{ kind: 'absent', path: gone } as const]),
          ],
          verify: [{ kind: 'equals', path, value: before }],
          scope: 'runtime',
        },
      ],
    },
  ]
}
