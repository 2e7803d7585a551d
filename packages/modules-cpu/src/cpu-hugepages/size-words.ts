const MEBI = 1024
const GIBI = 1024 * 1024

/** A page size as people write it: `2M`. */
export function sizeWords(sizeKiB: number): string {
  if (sizeKiB % GIBI === 0) return `${sizeKiB / GIBI}G`
  return sizeKiB % MEBI === 0 ? `${sizeKiB / MEBI}M` : `${sizeKiB}K`
}

/** An amount of memory for messages: `512 MiB`. */
export function mebibytes(kibibytes: number): string {
  return `${Math.round(kibibytes / MEBI)} MiB`
}
