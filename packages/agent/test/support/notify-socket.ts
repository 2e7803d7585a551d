import { type ChildProcess, spawn } from 'node:child_process'

/** A service manager's socket, as systemd has one. */
export interface NotifySocket {
  /** For NOTIFY_SOCKET. */
  readonly name: string
  /** Variables that came, in order. */
  readonly told: readonly string[]
  close(): void
}

const RECEIVER = `
import socket, sys
name = sys.argv[1]
receiver = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
receiver.bind('\\0' + name[1:] if name.startswith('@') else name)
print('listening', flush=True)
while True:
    for line in receiver.recv(65536).decode().splitlines():
        print(line, flush=True)
`

/** @param name a path, or `@name` for an abstract socket */
export async function openNotifySocket(name: string): Promise<NotifySocket> {
  const child: ChildProcess = spawn('python3', ['-c', RECEIVER, name], { stdio: ['ignore', 'pipe', 'inherit'] })
  const told: string[] = []
  let rest = ''
  await new Promise<void>((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', () => reject(new Error('the receiver ended')))
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      const lines = `${rest}${text}`.split('\n')
      rest = lines.pop() ?? ''
      told.push(...lines)
      if (told[0] === 'listening') resolve()
    })
  })
  return { name, told, close: () => void child.kill('SIGKILL') }
}
