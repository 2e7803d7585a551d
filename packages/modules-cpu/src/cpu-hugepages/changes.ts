import type { Change } from '@janus/core'
import { attributeOf } from './attribute-of.js'
import type { Reservation } from './reservations.js'
import { sizeWords } from './size-words.js'

/** The change that sets the number of pages of one pool. The kernel clamps it silently, so it is read back. */
export function reservationChange({ pool, pages }: Reservation): Change {
  const where = pool.node === undefined ? '' : ` on node ${pool.node}`
  const path = attributeOf(pool)
  return {
    kind: 'write-attribute',
    path,
    from: String(pool.total),
    value: String(pages),
    mayGrantLess: true,
    why: `reserve ${pages} pages of ${sizeWords(pool.sizeKiB)}${where} instead of ${pool.total}`,
    verify: [{ kind: 'equals', path, value: String(pages) }],
    scope: 'runtime',
  }
}
