import type { HugepagePool } from '@janus/core'

/** The attribute that sets the number of pages of a pool. */
export function attributeOf({ path }: HugepagePool): string {
  return `${path}/nr_hugepages`
}
