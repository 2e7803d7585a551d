import { janusError } from '@janus/core'

/**
 * Reads an option that is a whole number.
 * @throws JANUS_USAGE
 */
export function wholeNumber(name: string, text: string, least: number, most: number): number {
  const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN
  if (value >= least && value <= most) return value
  throw janusError(
    'JANUS_USAGE',
    `--${name} ${JSON.stringify(text.slice(0, 64))} is not a whole number from ${least} to ${most}`,
  )
}
