/** Scheme, host, port, and everything behind it: no user, no brackets, nothing that two parsers read in two ways. */
const PLAIN = /^https?:\/\/[a-z0-9](?:[a-z0-9.-]{0,252})(?::\d{1,5})?(?:[/?#][!-~]*)?$/iu
const CONFUSING = /[\\`"<>^{}|]/u

/** Why an address may not be asked for; undefined when its host is among the domains, each `host` or `host:port`. */
export function urlProblem(text: string, domains: readonly string[]): string | undefined {
  if (!PLAIN.test(text) || CONFUSING.test(text) || !URL.canParse(text))
    return 'is no http or https address of a named host'
  const { hostname, port, protocol } = new URL(text)
  const host = hostname.replace(/\.$/u, '').toLowerCase()
  const written = /^https?:\/\/([^:/?#]+)/iu.exec(text)?.[1]?.replace(/\.$/u, '').toLowerCase()
  // What a parser makes of a number (2130706433) or of a hexadecimal one is an address and no name.
  if (host !== written) return 'does not name its host'
  const wanted = port === '' ? (protocol === 'https:' ? '443' : '80') : port
  const isAllowed = domains.some((domain) => {
    const [name = '', only] = domain.toLowerCase().split(':')
    if (name.replace(/\.$/u, '') !== host) return false
    return only === undefined ? port === '' : only === wanted
  })
  if (isAllowed) return undefined
  const named = domains.length === 0 ? 'and names none' : `which are ${domains.join(', ')}`
  return `leads to ${host}${port === '' ? '' : `:${port}`}, which is not among the domains of the action, ${named}`
}
