import type { Change, Condition } from '@janus/core'
import { attributeOf } from './attribute-of.js'
import type { Reservation } from './reservations.js'
import { sizeWords } from './size-words.js'

/**
 * The change that sets the number of pages of one pool. The kernel clamps it silently, so it is read back. What it cannot
 * take away because a program has reserved it becomes surplus, and the number reads as before: only without surplus is a
 * pool what it was (mm/hugetlb.c, set_max_huge_pages).
 */
export function reservationChange({ pool, pages }: Reservation): Change {
  const where = pool.node === undefined ? '' : ` on node ${pool.node}`
  const path = attributeOf(pool)
  const holds = (count: number): Condition => ({ kind: 'equals', path, value: String(count) })
  return {
    kind: 'write-attribute',
    path,
    from: String(pool.total),
    value: String(pages),
    mayGrantLess: true,
    why: `reserve ${pages} pages of ${sizeWords(pool.sizeKiB)}${where} instead of ${pool.total}`,
    verify: [holds(pages)],
    scope: 'runtime',
    undo: [
      {
        kind: 'write-attribute',
        path,
        value: String(pool.total),
        why: `undo: reserve ${pool.total} pages of ${sizeWords(pool.sizeKiB)}${where} again`,
        verify: [holds(pool.total), { kind: 'equals', path: `${pool.path}/surplus_hugepages`, value: '0' }],
        scope: 'runtime',
      },
    ],
  }
}
