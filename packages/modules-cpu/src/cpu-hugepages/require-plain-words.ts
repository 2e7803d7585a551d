import { janusError } from '@janus/core'
import type { ConfiguredLine } from '@janus/core/boot'
import { bootReservations, defaultSizesOf } from './boot-reservations.js'
import { sizeWords } from './size-words.js'

/**
 * Refuses command lines by which kernels would come to different numbers, whatever is written behind the size: of two default
 * sizes Linux 5.8 and newer take the first, older ones the last; and a number before every size counts for the default size,
 * so that no other one does (mm/hugetlb.c, `default_hugepagesz_setup`, `hugepagesz_setup`).
 * @param sizeKiB of the pages that are asked for
 * @param defaultSize whether it is to become the default size
 * @throws JANUS_HOST_UNFIT naming the words and where they stand
 */
export function requirePlainWords(lines: readonly ConfiguredLine[], sizeKiB: number, defaultSize: boolean): void {
  for (const { source, parameters } of lines) {
    const sizes = defaultSizesOf(parameters)
    const [first, ...others] = sizes
    if (first === undefined) continue
    const wanted = defaultSize ? sizeKiB : first.sizeKiB
    if (others.length > 0 && sizes.some((one) => one.sizeKiB !== wanted)) {
      const holds = sizes.map(({ value }) => JSON.stringify(`default_hugepagesz=${value}`)).join(' and ')
      throw unplain(source, `${holds}, of which some kernels take the first and some the last`, 'Leave one of them.')
    }
    const unsized = bootReservations(parameters).find((one) => one.sizeKiB === undefined)
    if (unsized === undefined || first.sizeKiB !== sizeKiB) continue
    const holds = `"hugepages=${unsized.value}" before every size, and "default_hugepagesz=${first.value}": it counts for that size, and no other number does`
    throw unplain(source, holds, `Write hugepagesz=${sizeWords(sizeKiB)} before it, or take it out.`)
  }
}

function unplain(source: string, holds: string, remedy: string): Error {
  return janusError('JANUS_HOST_UNFIT', `${source} holds ${holds}`, { remedy, data: { path: source } })
}
