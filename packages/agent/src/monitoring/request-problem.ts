import type { IncomingMessage } from 'node:http'

/** Why a request is refused. */
export interface RequestProblem {
  readonly status: number
  readonly text: string
  readonly headers: Readonly<Record<string, string>>
}

/** Names of this host that a request may ask for, beside its port: a page whose own name was made to lead here asks for another. */
const OWN_NAMES = ['127.0.0.1', 'localhost']

/**
 * What is wrong with a request, in the order in which it is told: who it thinks it talks to, what it wants to do, whether it may, what it asks for.
 * @param port that is served; @param mayAsk it carries the token, or needs none; @param known the path is one that is served
 */
export function requestProblem(
  request: IncomingMessage,
  { port, mayAsk, known }: { readonly port: number; readonly mayAsk: boolean; readonly known: boolean },
): RequestProblem | undefined {
  const hosts = request.rawHeaders.filter((name, index) => index % 2 === 0 && name.toLowerCase() === 'host')
  const host = request.headers.host?.toLowerCase()
  if (hosts.length !== 1 || !OWN_NAMES.some((name) => host === `${name}:${port}`))
    return problem(421, 'this is another host')
  if (request.method !== 'GET') return problem(405, 'only GET is answered', { Allow: 'GET' })
  if (request.headers['transfer-encoding'] !== undefined || Number(request.headers['content-length'] ?? 0) !== 0)
    return problem(400, 'no body is read')
  if (!mayAsk)
    return problem(401, 'the token of the state directory is needed', { 'WWW-Authenticate': 'Bearer realm="janus"' })
  return known ? undefined : problem(404, 'not found')
}

function problem(status: number, text: string, headers: RequestProblem['headers'] = {}): RequestProblem {
  return { status, text, headers }
}
