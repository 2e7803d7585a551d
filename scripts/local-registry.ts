import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { constants, tmpdir } from 'node:os'
import { join } from 'node:path'
import { packPackages } from './packed-packages.js'
import { prepareClients } from './registry/clients.js'
import { startRegistry } from './registry/registry.js'

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
const USAGE = `usage: npm run registry                          a shell in front of the registry
       npm run registry -- <command> [argument…]  that command instead`

/**
 * `npm run registry`: a shell in an empty folder, with a registry on the loopback interface that has the packages of this clone as
 * they are built, and takes what is published. `npm run registry -- COMMAND ARGUMENT…` runs that instead. Ends as it ended, and
 * removes the folder.
 */
async function main(words: readonly string[]): Promise<number> {
  if (words[0]?.startsWith('-')) throw new Error(USAGE)
  // At once, so that no signal comes in between.
  const base = mkdtempSync(join(tmpdir(), 'janus-registry-'))
  process.once('exit', () => rmSync(base, { recursive: true, force: true }))
  let shell: ChildProcess | undefined
  for (const signal of SIGNALS) process.on(signal, () => end(signal, shell))
  const registry = await startRegistry(join(base, 'registry'))
  try {
    const clients = await prepareClients(base, registry.url)
    const packed = await packPackages(await clients.folder('packed'))
    for (const { tarball } of packed) await clients.npm(base, 'publish', tarball)
    const folder = await clients.folder('work')
    process.stderr.write(welcome(folder, registry.url, packed.length))
    const [command = process.env.SHELL ?? '/bin/sh', ...args] = words
    // A setting of pnpm's, of which npm complains.
    const { npm_config_store_dir: _, ...env } = clients.env
    shell = spawn(command, args, { cwd: folder, env, stdio: 'inherit' })
    return await ended(shell, command)
  } finally {
    await registry.close()
  }
}

/** Ctrl-C is for what runs in the shell, which has it already. A shell that waits for a line ends by a hang-up only. */
function end(signal: (typeof SIGNALS)[number], shell: ChildProcess | undefined): void {
  if (shell === undefined) process.exit(128 + constants.signals[signal])
  if (signal !== 'SIGINT') shell.kill('SIGHUP')
}

async function ended(shell: ChildProcess, command: string): Promise<number> {
  return await new Promise((resolve, reject) => {
    shell.on('error', () => reject(new Error(`${command} cannot be run`)))
    shell.on('close', (code, signal) => resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal])))
  })
}

function welcome(folder: string, url: string, count: number): string {
  return `${count} packages of this clone are at ${url}; what is published goes there and nowhere else.
This is ${folder}, with a HOME of its own. Both are removed at the end: \`exit\`.

`
}

try {
  process.exitCode = await main(process.argv.slice(2))
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`)
  process.exitCode = 1
}
