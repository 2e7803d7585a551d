// A process of its own, to be killed: prepares a sandbox, launches a program in it when it is told to, and waits.
import { createPipeReaders, prepareSandbox, systemDirectories } from '../../src/sandbox/index.js'

const prepared = await prepareSandbox(
  {
    program: '/usr/bin/bwrap',
    prlimit: '/usr/bin/prlimit',
    architecture: process.arch === 'arm64' ? 'aarch64' : 'x86_64',
    identity: { uid: 4242, gid: 4242 },
  },
  { storage: { bytes: 1024 * 1024, inodes: 100 }, readers: createPipeReaders(), system: await systemDirectories() },
)
if (process.argv[2] === 'launched') {
  prepared
    .launch({
      command: '/bin/sh',
      args: ['-c', 'setsid sleep 600 & sleep 600'],
      env: { JANUS_HELD: String(prepared.pid), PATH: '/usr/bin' },
      readOnly: [],
      writable: [],
      sockets: [],
      limits: {},
      boundsProcesses: false,
      held: false,
    })
    .release()
}
process.stdout.write(`${prepared.pid}\n`)
setInterval(() => undefined, 60_000)
