import type { Warrant } from '../contract/warrant.js'

/** The clocks as they stand when an age is asked for. */
export interface ClocksNow {
  readonly now: Date
  /** Milliseconds. */
  readonly monotonic: number
  /** Of the running kernel. */
  readonly bootId: string | null
  /** The greatest time in the record. */
  readonly greatestAt: string | undefined
}

/** A clock may be set back so far, milliseconds, before it counts as set back. */
const STEP = 1000

/**
 * True when a warrant has expired: by the wall clock, or, within the boot it was issued in, by the monotonic one. After another boot only the wall clock
 * is left; when it runs behind the record it tells nothing, and the warrant has expired: early rather than late.
 */
export function hasExpired(
  { notBefore, expires, bootId, monotonic }: Pick<Warrant, 'notBefore' | 'expires' | 'bootId' | 'monotonic'>,
  clocks: ClocksNow,
): boolean {
  if (clocks.now.getTime() >= Date.parse(expires)) return true
  if (bootId !== null && bootId === clocks.bootId) {
    const validity = Date.parse(expires) - Date.parse(notBefore)
    return clocks.monotonic - monotonic >= validity || clocks.monotonic < monotonic
  }
  return clocks.greatestAt !== undefined && clocks.now.getTime() < Date.parse(clocks.greatestAt) - STEP
}
