import { readFileSync } from 'node:fs'
import type { Clock } from '../contract/clock.js'

/**
 * The clocks of this machine.
 * @param uptimePath proc_uptime(5): time since the boot, a suspend counted (CLOCK_BOOTTIME), to a hundredth of a second. Where it cannot be read the
 * clock of the process is left (CLOCK_MONOTONIC), which a suspend stops.
 */
export function createSystemClock(uptimePath = '/proc/uptime'): Clock {
  return {
    now: () => new Date(),
    monotonic: () => readUptime(uptimePath) ?? Number(process.hrtime.bigint() / 1_000_000n),
  }
}

/** Id of this boot; null where the kernel does not tell. */
export function readBootId(path = '/proc/sys/kernel/random/boot_id'): string | null {
  try {
    return readFileSync(path, 'utf8').trim()
  } catch {
    return null
  }
}

function readUptime(path: string): number | undefined {
  try {
    const seconds = Number(readFileSync(path, 'utf8').split(' ')[0])
    return Number.isFinite(seconds) ? seconds * 1000 : undefined
  } catch {
    return undefined
  }
}
