import { formatCpuList, formatCpuMask, parseCpuList, parseCpuMask } from '../inventory/cpu-list.js'

/**
 * Attributes whose read form differs from their write form. `(null)` is how the driver core prints an absent string
 * (Documentation/ABI/testing/sysfs-bus-pci, driver_override); a selector prints every choice with the chosen one in
 * brackets (admin-guide/mm/transhuge.rst).
 */
const NULL_STRING = /^\/sys\/.*\/driver_override$/
/** Lists of processors or memory nodes: `0,1,2` reads back as `0-2` (admin-guide/cputopology.rst, cgroup-v2.rst). */
const CPU_LIST =
  /^\/(?:proc\/irq\/\d+\/(?:smp|effective)_affinity_list|sys\/devices\/system\/cpu\/(?:online|offline|present|possible)|sys\/fs\/cgroup\/.*\bcpuset\.(?:cpus|mems)(?:\.exclusive|\.effective|\.exclusive\.effective)?)$/
/** Masks of processors: padded to the width of the kernel (core-api/irq/irq-affinity.rst). */
const CPU_MASK = /^\/proc\/irq\/(?:default_smp_affinity|\d+\/(?:smp|effective)_affinity)$/
/** Parameters of KVM that are read as `Y` and `N`, and in some versions of a module as `1` and `0`. */
const SWITCH = /^\/sys\/module\/kvm(?:_intel|_amd)?\/parameters\/(?:nested|ignore_msrs|report_ignored_msrs)$/
const SELECTOR = /^\/sys\/(kernel\/mm\/transparent_hugepage\/(enabled|defrag|shmem_enabled)|.*\/queue\/scheduler)$/
const ORDERS =
  /\/(bind|unbind|new_id|remove_id|drivers_probe|rescan|remove|reset|compact_memory|drop_caches|cgroup\.(procs|threads|subtree_control))$/
/** 1 where the console is bound, 0 where it is not (Documentation/driver-api/console.rst). */
const CONSOLE_BINDING = /^\/sys\/.*\/vtcon\d+\/bind$/

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
  if (CPU_LIST.test(path)) return normalised(stripped, parseCpuList, formatCpuList)
  if (CPU_MASK.test(path)) return normalised(stripped, parseCpuMask, formatCpuMask)
  if (SWITCH.test(path)) return stripped === '1' ? 'Y' : stripped === '0' ? 'N' : stripped
  return SELECTOR.test(path) ? (/\[([^\]]*)\]/.exec(stripped)?.[1] ?? stripped) : stripped
}

/** `isolated invalid (…)` is what came of `isolated`, which somebody wrote (admin-guide/cgroup-v2.rst, cpuset.cpus.partition). */
const PARTITION = /^\/sys\/fs\/cgroup\/.*\/cpuset\.cpus\.partition$/

/**
 * The value that somebody asked for, where the kernel prints what came of it.
 * @param comparable a value as {@link comparableValue} gives it
 */
export function requestedValue(path: string, comparable: string): string {
  return PARTITION.test(path) ? comparable.replace(/ invalid( \(.*\))?$/, '') : comparable
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

/** Attributes that cannot be read back: writing them is an order, not a value. A cgroup lists what many such orders came to. */
export function isWriteOnly(path: string): boolean {
  return ORDERS.test(path) && !CONSOLE_BINDING.test(path)
}

/** What cannot be parsed stays as it is: `isolated invalid (…)` and the like are compared as text. */
function normalised(
  text: string,
  parse: (text: string) => readonly number[] | undefined,
  format: (numbers: readonly number[]) => string,
): string {
  const numbers = parse(text)
  return numbers === undefined ? text : format(numbers)
}
