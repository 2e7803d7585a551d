interface Streams {
  readonly stdin: { readonly isTTY?: boolean }
  readonly stdout: { readonly isTTY?: boolean }
  readonly stderr: { readonly isTTY?: boolean; readonly columns?: number }
}

/**
 * True when a person can be led through something: all three streams are terminals, of a size that is known, not dumb, and
 * nothing is automated.
 */
export function canGuide(
  { stdin, stdout, stderr }: Streams,
  { TERM, CI = '' }: Readonly<Record<string, string | undefined>>,
): boolean {
  const isAutomated = CI !== '' && CI !== 'false'
  const isTerminal = [stdin, stdout, stderr].every(({ isTTY }) => isTTY === true)
  return isTerminal && (stderr.columns ?? 0) > 0 && TERM !== 'dumb' && !isAutomated
}
