interface Streams {
  readonly stdin: { readonly isTTY?: boolean }
  readonly stdout: { readonly isTTY?: boolean }
  readonly stderr: { readonly isTTY?: boolean }
}

/** True when a person can be led through something: all three streams are terminals, not dumb, and nothing is automated. */
export function canGuide(
  { stdin, stdout, stderr }: Streams,
  { TERM, CI = '' }: Readonly<Record<string, string | undefined>>,
): boolean {
  const isAutomated = CI !== '' && CI !== 'false'
  const isTerminal = [stdin, stdout, stderr].every(({ isTTY }) => isTTY === true)
  return isTerminal && TERM !== 'dumb' && !isAutomated
}
