import { connect } from 'node:net'

/** Sends bytes to a port of this host and reads what comes back until the other end closes. */
export function sendRaw(
  port: number,
  text: string,
  { host = '127.0.0.1' }: { readonly host?: string } = {},
): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = ''
    const socket = connect({ port, host }, () => socket.write(text))
    socket.setEncoding('utf8')
    socket.on('data', (piece: string) => {
      answer += piece
    })
    // Being cut off while still sending is an end like any other.
    socket.on('error', (error: NodeJS.ErrnoException) =>
      error.code === 'ECONNRESET' || error.code === 'EPIPE' ? resolve(answer) : reject(error),
    )
    socket.on('close', () => resolve(answer))
  })
}

/** A request with a token and these lines besides. */
export function request(line: string, headers: readonly string[]): string {
  return `${[`${line} HTTP/1.1`, ...headers].join('\r\n')}\r\n\r\n`
}
