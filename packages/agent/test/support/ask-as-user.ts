import { asUser } from './as-user.js'

/** What the agent answered: an answer, or the error of a request; a refusal when it would not talk at all. */
export interface Said {
  readonly ready?: { readonly uid: number }
  readonly answer?: Readonly<Record<string, unknown>>
  readonly error?: { readonly code: string; readonly message: string }
  readonly refused?: { readonly code: string }
}

/**
 * Asks an agent over its socket as another user, by a client that knows nothing of ours but what stands on the wire.
 * @param run directory of the socket
 * @param requests method and parameters, one after the other
 * @returns that it was let in, then the answers in their order
 */
export async function askAsUser(
  uid: number,
  run: string,
  requests: readonly (readonly [method: string, params: object])[],
): Promise<readonly Said[]> {
  const source = `
    import { connect } from 'node:net'
    import { closeSync, futimesSync, openSync } from 'node:fs'
    const requests = ${JSON.stringify(requests)}
    const socket = connect(${JSON.stringify(`${run}/agent.sock`)})
    const said = []
    let file
    let rest = ''
    const say = (message) => socket.write(JSON.stringify(message) + '\\n')
    const next = () => {
      const request = requests.shift()
      if (request) say({ id: 'r' + requests.length, method: request[0], params: request[1] })
      else socket.end()
    }
    socket.on('close', () => console.log(JSON.stringify(said)))
    socket.setEncoding('utf8').on('data', (text) => {
      const lines = (rest + text).split('\\n')
      rest = lines.pop()
      for (const line of lines) {
        const message = JSON.parse(line)
        if (message.hello) {
          file = openSync(${JSON.stringify(`${run}/identity/`)} + message.file, 'wx', 0o600)
          say({ created: true })
        } else if (message.time) {
          futimesSync(file, message.time, message.time)
          closeSync(file)
          say({ timed: true })
        } else {
          said.push(message)
          if (!message.refused) next()
        }
      }
    })`
  return JSON.parse(await asUser(uid, source)) as Said[]
}
