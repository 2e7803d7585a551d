import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { repository } from '../workspace.js'
import { mustRun, type RunResult, run } from './run.js'

const YARN = '@yarnpkg/cli-dist/bin/yarn.js'

/** The package managers, all of them over one registry, each with caches of its own in a temporary folder. */
export interface Clients {
  /** Environment of everything that is run: an empty HOME, no setting of the user. */
  readonly env: Readonly<Record<string, string | undefined>>
  /** An empty folder, with a package.json when one is given. */
  folder(name: string, packageJson?: object): Promise<string>
  npm(cwd: string, ...args: readonly string[]): Promise<RunResult>
  pnpm(cwd: string, ...args: readonly string[]): Promise<RunResult>
  yarn(cwd: string, ...args: readonly string[]): Promise<RunResult>
  /** Does not judge how it ends. */
  runYarn(cwd: string, ...args: readonly string[]): Promise<RunResult>
  /** `janus` as somebody has it who installed nothing. Does not judge how it ends. */
  npxJanus(cwd: string, ...args: readonly string[]): Promise<RunResult>
  /** Does not judge how it ends. */
  run(cwd: string, command: string, ...args: readonly string[]): Promise<RunResult>
}

/** Prepares the package managers. The versions are those of our development dependencies. */
export async function prepareClients(base: string, registry: string): Promise<Clients> {
  const home = join(base, 'home')
  await mkdir(home, { recursive: true })
  await writeFile(join(home, '.npmrc'), `registry=${registry}\n${registry.replace('http:', '')}:_authToken=none\n`)
  const env = environment(base, home, registry)
  const program = (path: string): string => join(repository, 'node_modules', path)
  const node = async (cwd: string, script: string, args: readonly string[]): Promise<RunResult> =>
    await mustRun(process.execPath, [program(script), ...args], { cwd, env })
  return {
    env,
    async folder(name, packageJson) {
      const folder = join(base, name)
      await mkdir(folder, { recursive: true })
      if (packageJson !== undefined) await writeFile(join(folder, 'package.json'), JSON.stringify(packageJson))
      return folder
    },
    npm: async (cwd, ...args) => await mustRun('npm', args, { cwd, env }),
    pnpm: async (cwd, ...args) => await node(cwd, 'pnpm/bin/pnpm.cjs', args),
    yarn: async (cwd, ...args) => await node(cwd, YARN, args),
    runYarn: async (cwd, ...args) => await run(process.execPath, [program(YARN), ...args], { cwd, env }),
    npxJanus: async (cwd, ...args) => await run('npx', ['--yes', '@janus/cli', ...args], { cwd, env }),
    run: async (cwd, command, ...args) => await run(command, args, { cwd, env }),
  }
}

/** Settings for Yarn: it takes no registry without TLS and no package of today unless told so. */
export async function yarnSettings(folder: string, base: string, registry: string): Promise<void> {
  const settings = {
    npmRegistryServer: registry.replace(/\/$/, ''),
    unsafeHttpWhitelist: ['127.0.0.1'],
    npmMinimalAgeGate: 0,
    enableTelemetry: false,
    // In CI Yarn would refuse to write its lock file, of which there is none yet.
    enableImmutableInstalls: false,
    globalFolder: join(base, 'yarn'),
    enableGlobalCache: true,
  }
  await writeFile(join(folder, '.yarnrc.yml'), JSON.stringify(settings))
  await writeFile(join(folder, 'yarn.lock'), '')
}

function environment(base: string, home: string, registry: string): Record<string, string | undefined> {
  // `npm test` and vitest tell their children about themselves, which would change what is run here.
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(npm_|NPM_|XDG_|JANUS_|VITEST|NODE_ENV|NODE_OPTIONS|INIT_CWD|COLOR|FORCE_COLOR)/.test(name),
  )
  return {
    ...Object.fromEntries(kept),
    HOME: home,
    NO_COLOR: '1',
    npm_config_registry: registry,
    npm_config_userconfig: join(home, '.npmrc'),
    npm_config_cache: join(base, 'npm-cache'),
    npm_config_store_dir: join(base, 'pnpm-store'),
    npm_config_audit: 'false',
    npm_config_fund: 'false',
    npm_config_update_notifier: 'false',
    npm_config_fetch_retries: '1',
    npm_config_fetch_timeout: '60000',
  }
}
