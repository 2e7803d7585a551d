import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { packPackages } from './packed-packages.js'
import { prepareClients } from './registry/clients.js'
import { startRegistry } from './registry/registry.js'

/**
 * `npm run registry`: a shell in an empty folder, with a registry on the loopback interface that has the packages of this clone as
 * they are built, and takes what is published. `npm run registry -- COMMAND ARGUMENT…` runs that instead. Ends as it ended, and
 * removes the folder.
 */
async function main(words: readonly string[]): Promise<number> {
  const base = await mkdtemp(join(tmpdir(), 'janus-registry-'))
  try {
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
      return await runHere(command, args, { cwd: folder, env })
    } finally {
      await registry.close()
    }
  } finally {
    await rm(base, { recursive: true, force: true })
  }
}

function welcome(folder: string, url: string, count: number): string {
  return `${count} packages of this clone are at ${url}; what is published goes there and nowhere else.
This is ${folder}, with a HOME of its own. Both are removed at the end: \`exit\`.

`
}

interface Place {
  readonly cwd: string
  readonly env: Readonly<Record<string, string | undefined>>
}

async function runHere(command: string, args: readonly string[], { cwd, env }: Place): Promise<number> {
  // Ctrl-C is for what runs in the shell.
  const ignore = (): void => {}
  process.on('SIGINT', ignore)
  try {
    return await new Promise((resolve, reject) => {
      const child = spawn(command, args, { cwd, env, stdio: 'inherit' })
      child.on('error', reject)
      child.on('close', (code) => resolve(code ?? 128))
    })
  } finally {
    process.off('SIGINT', ignore)
  }
}

try {
  process.exitCode = await main(process.argv.slice(2))
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`)
  process.exitCode = 1
}
