import { canonicalJson } from '@janus/core/ledger'
import type { SettingNotes } from './setting.js'

/** How one value of a setting stands to another. */
export type Strictness = 'same' | 'stricter' | 'looser'

/**
 * How a new value of a security setting stands to the one in force. What cannot be told to be stricter is looser.
 * @param strict which of two values is the stricter one, see {@link SettingNotes}
 */
export function strictnessOf(
  strict: NonNullable<SettingNotes['strict']>,
  inForce: unknown,
  wanted: unknown,
): Strictness {
  if (canonicalJson(inForce ?? null) === canonicalJson(wanted ?? null)) return 'same'
  // The order of a list that is only asked for its members means nothing.
  if ((strict === 'fewer' || strict === 'more') && isPart(wanted, inForce) && isPart(inForce, wanted)) return 'same'
  return isStricter(strict, inForce, wanted) ? 'stricter' : 'looser'
}

function isStricter(strict: NonNullable<SettingNotes['strict']>, inForce: unknown, wanted: unknown): boolean {
  switch (strict) {
    case 'lower':
      return typeof wanted === 'number' && typeof inForce === 'number' && wanted < inForce
    case 'higher':
      return typeof wanted === 'number' && typeof inForce === 'number' && wanted > inForce
    case 'false':
      return wanted === false
    case 'true':
      return wanted === true
    case 'fewer':
      // Where a list may be absent, that is everything.
      return isPart(wanted, inForce) || (Array.isArray(wanted) && (inForce ?? null) === null)
    case 'more':
      return isPart(inForce, wanted)
    case 'none':
      return false
  }
}

/** Every member of the one list is in the other. */
function isPart(part: unknown, whole: unknown): boolean {
  if (!Array.isArray(part) || !Array.isArray(whole)) return false
  const members = new Set(whole.map((member) => canonicalJson(member)))
  return part.every((member) => members.has(canonicalJson(member)))
}
