/**
 * Attributes whose read form differs from their write form. `(null)` is how the driver core prints an absent string
 * (Documentation/ABI/testing/sysfs-bus-pci, driver_override); a selector prints every choice with the chosen one in
 * brackets (admin-guide/mm/transhuge.rst).
 */
const NULL_STRING = /^\/sys\/.*\/driver_override$/
const SELECTOR = /^\/sys\/(kernel\/mm\/transparent_hugepage\/(enabled|defrag|shmem_enabled)|.*\/queue\/scheduler)$/

/**
 * The one form in which values of an attribute are compared, whether they were read or are going to be written.
 * @param path absolute path of the attribute
 * @param value what was read, or what is written
 */
export function comparableValue(path: string, value: string): string {
  if (NULL_STRING.test(path)) {
    const stripped = value.replace(/[\n\0]+$/, '')
    return stripped === '' ? '(null)' : stripped
  }
  const stripped = value.replace(/\n$/, '')
  return SELECTOR.test(path) ? (/\[([^\]]*)\]/.exec(stripped)?.[1] ?? stripped) : stripped
}

/**
 * What has to be written so that the attribute reads as this value again. A newline clears: a write of no bytes would
 * be ignored by the kernel.
 * @param comparable a value as {@link comparableValue} gives it
 */
export function writableValue(path: string, comparable: string): string {
  if (comparable === '' || (NULL_STRING.test(path) && comparable === '(null)')) return '\n'
  return comparable
}

/** Attributes that cannot be read back: writing them is an order, not a value. */
export function isWriteOnly(path: string): boolean {
  return /\/(bind|unbind|new_id|remove_id|drivers_probe|rescan|remove|reset|compact_memory|drop_caches)$/.test(path)
}
