/**
 * Whether a stream gets colour, by the rules of `util.styleText`: the flag decides, then FORCE_COLOR, then a
 * non-empty NO_COLOR or NODE_DISABLE_COLORS, and otherwise only a terminal that is not dumb gets it.
 * @param requested what `--color` or `--no-color` said
 */
export function wantsColor(
  stream: { readonly isTTY?: boolean },
  env: Readonly<Record<string, string | undefined>>,
  requested: boolean | undefined,
): boolean {
  if (requested !== undefined) return requested
  if (env.FORCE_COLOR !== undefined) return env.FORCE_COLOR !== '0' && env.FORCE_COLOR !== 'false'
  if (isSet(env.NO_COLOR) || isSet(env.NODE_DISABLE_COLORS)) return false
  return stream.isTTY === true && env.TERM !== 'dumb'
}

function isSet(value: string | undefined): boolean {
  return value !== undefined && value !== ''
}
