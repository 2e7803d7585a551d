import { join } from 'node:path'
import { packPackages } from '../../scripts/packed-packages.js'
import { type Clients, prepareClients } from '../../scripts/registry/clients.js'
import { startRegistry } from '../../scripts/registry/registry.js'
import { mustRun, run } from '../../scripts/registry/run.js'
import {
  type AuthoredModule,
  publishBashModule,
  publishHostileModule,
  publishTypeScriptModule,
} from './author-modules.js'

/** What was installed, for the machine that has no network. */
export interface Installation {
  /** An archive of `cli` (the CLI as npm installed it) and `data` (XDG_DATA_HOME with the extensions). */
  readonly archive: string
  readonly modules: {
    readonly typescript: AuthoredModule
    readonly bash: AuthoredModule
    readonly hostile: AuthoredModule
  }
  /** How `janus module add` answered for each, in the order of `modules`. */
  readonly added: readonly AddedModule[]
}

/** One answer of `janus module add --json`. */
export interface AddedModule {
  readonly exitCode: number
  readonly output: string
  readonly document?: {
    readonly data?: {
      readonly preview?: { readonly integrity?: string }
      readonly extension?: { readonly name: string; readonly trusted: boolean }
    }
  }
}

/**
 * Publishes our packages and those of three authors to a registry of its own, installs the CLI from there and adds the
 * modules with it. Needs the packages built, and the registry that npm is configured with for everybody else's.
 * @param folder empty or not there yet
 */
export async function installFromRegistry(folder: string): Promise<Installation> {
  const registry = await startRegistry(join(folder, 'registry'))
  try {
    const clients = await prepareClients(folder, registry.url)
    for (const { tarball } of await packPackages(await clients.folder('packed'))) {
      await clients.npm(folder, 'publish', tarball)
    }
    const authors = await clients.folder('authors')
    const modules = {
      typescript: await publishTypeScriptModule(clients, authors),
      bash: await publishBashModule(clients, authors),
      hostile: await publishHostileModule(clients, authors),
    }
    const machine = await clients.folder('machine')
    await clients.npm(await clients.folder('machine/cli', { private: true }), 'install', '@janus/cli')
    await clients.folder('machine/data')
    const added: AddedModule[] = []
    for (const { packageName } of Object.values(modules)) added.push(await addModule(clients, machine, packageName))
    const archive = join(folder, 'machine.tar')
    await mustRun('tar', ['-cf', archive, '-C', machine, 'cli', 'data'], { cwd: folder, env: clients.env })
    return { archive, modules, added }
  } finally {
    await registry.close()
  }
}

async function addModule(clients: Clients, machine: string, packageName: string): Promise<AddedModule> {
  const env = { ...clients.env, XDG_DATA_HOME: join(machine, 'data') }
  const args = ['module', 'add', packageName, '--yes', '--json']
  const result = await run(join(machine, 'cli/node_modules/.bin/janus'), args, { cwd: machine, env })
  return { ...result, ...document(result.stdout) }
}

function document(text: string): Pick<AddedModule, 'document'> {
  try {
    return { document: JSON.parse(text) as NonNullable<AddedModule['document']> }
  } catch {
    return {}
  }
}
