import { type Clients, yarnSettings } from '../registry/clients.js'
import type { RunResult } from '../registry/run.js'
import type { PackageJson } from '../workspace.js'
import { checkAnswerFaults } from './check-answer.js'

/** One way to install the command, and what came of it. */
export interface Installation {
  readonly installer: string
  readonly project: string
  /** What `janus --version` said; nothing when it was not reached. */
  readonly version?: string
  /** None when it installed, tells its version, and checks this machine with every module. */
  readonly faults: readonly string[]
}

interface Installer {
  readonly name: string
  install(project: string): Promise<unknown>
  janus(project: string, ...args: readonly string[]): Promise<RunResult>
}

/** Where the registry is, and the folder of all that the clients write. */
export interface InstallationPlace {
  readonly base: string
  readonly registry: string
}

/**
 * Installs `@janus/cli` in an empty folder with npm, pnpm and Yarn Plug'n'Play, and runs it there.
 * @param packages the package.json files as published
 */
export async function installEverywhere(
  clients: Clients,
  place: InstallationPlace,
  packages: readonly PackageJson[],
): Promise<readonly Installation[]> {
  const installations: Installation[] = []
  for (const installer of installers(clients, place)) {
    const project = await clients.folder(`with-${installer.name}`, startingPoint(packages))
    installations.push(await installOnce(installer, project, packages))
  }
  return installations
}

function installers(clients: Clients, { base, registry }: InstallationPlace): readonly Installer[] {
  const linked = async (project: string, ...args: readonly string[]): Promise<RunResult> =>
    await clients.run(project, 'node_modules/.bin/janus', ...args)
  return [
    { name: 'npm', install: async (project) => await clients.npm(project, 'install', '@janus/cli'), janus: linked },
    { name: 'pnpm', install: async (project) => await clients.pnpm(project, 'add', '@janus/cli'), janus: linked },
    {
      name: 'yarn',
      async install(project) {
        await yarnSettings(project, base, registry)
        await clients.yarn(project, 'add', '@janus/cli')
      },
      janus: async (project, ...args) => await clients.runYarn(project, 'janus', ...args),
    },
  ]
}

/** Named as what is installed, for the bill of materials is made of it. */
function startingPoint(packages: readonly PackageJson[]): object {
  const { version, license } = commandOf(packages)
  return { name: 'janus-installation', version, license, private: true }
}

async function installOnce(
  { name: installer, install, janus }: Installer,
  project: string,
  packages: readonly PackageJson[],
): Promise<Installation> {
  try {
    await install(project)
    const told = await janus(project, '--version')
    const version = told.stdout.trim().replace(/^janus /, '')
    const checked = await janus(project, 'check', '--json')
    const faults = [
      ...(told.exitCode === 0 && version === commandOf(packages).version
        ? []
        : [`janus --version says ${told.output.trim()}, not ${commandOf(packages).version}`]),
      // Critical findings are an answer: exit code 1.
      ...(checked.exitCode <= 1 ? [] : [`janus check ends with ${checked.exitCode}:\n${checked.output}`]),
      ...checkAnswerFaults(checked.stdout, packages),
    ]
    return { installer, project, version, faults }
  } catch (error) {
    return { installer, project, faults: [(error as Error).message] }
  }
}

function commandOf(packages: readonly PackageJson[]): PackageJson {
  const command = packages.find(({ name }) => name === '@janus/cli')
  if (command === undefined) throw new Error('there is no package @janus/cli')
  return command
}
