import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chown, cp, lstat, mkdir, mkdtemp, readdir, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Whom hostile code runs as; root becomes it, everybody else stays who they are. */
export const NOBODY = process.getuid?.() === 0 ? { uid: 4242, gid: 4242 } : undefined

/** Value of the variable that the modules are after. */
export const SECRET = { name: 'JANUS_TEST_SECRET', value: 'swordfish' }

/** Content of the key that the test plants. */
export const KEY = 'a private key'

const FIXTURES = fileURLToPath(new URL('../fixtures/hostile-modules', import.meta.url))
const CORE = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '')
const REPOSITORY = join(CORE, '../..')
const GREETING = 'from outside of the sandbox'

/** Where the packages of the corpus lie, among things that they must not reach. */
export interface CorpusTree {
  readonly root: string
  /** The child program, where everybody can read it. */
  readonly program: string
  /** Directory of the package of a fixture. */
  packageOf(fixture: string): string
  /** Everything that lies in it, with what identifies its content. */
  listing(): Promise<readonly string[]>
  remove(): Promise<void>
}

/** What a package says, besides its fixture. */
export interface CorpusPackage {
  readonly fixture: string
  readonly entry?: string
  readonly api?: number
  readonly ships?: Readonly<Record<string, string>>
}

/**
 * Builds a project with every fixture as an installed package, its own copy of core, a home directory with a key, servers
 * that greet whoever connects, and a process to attack. All of it belongs to the user that the modules run as, so that
 * nothing but the sandbox keeps them from it.
 */
export async function createCorpusTree(packages: readonly CorpusPackage[]): Promise<CorpusTree> {
  const root = await realpath(await mkdtemp(join(tmpdir(), 'janus-corpus-')))
  const modules = join(root, 'project', 'node_modules')
  const home = join(root, 'home')
  const abstract = `janus-corpus-${randomBytes(8).toString('hex')}`
  await Promise.all(
    [join(modules, '@janus'), join(home, '.ssh'), join(root, 'etc'), join(root, 'open')].map(makeDirectory),
  )
  await installCore(root, modules)
  await writeFile(join(home, '.ssh', 'id_ed25519'), KEY, { mode: 0o600 })
  await writeFile(join(root, 'etc', 'shadow'), 'root:*:1:0:99999:7:::\n')
  await writeFile(join(root, 'project', 'private.txt'), 'what a project keeps to itself')
  await writeFile(join(root, 'open', 'removable.txt'), 'to be removed')
  const victim = spawn('/bin/sleep', ['600'], { stdio: 'ignore', cwd: '/', env: {}, ...NOBODY })
  const loopback = await greeter({ port: 0, host: '127.0.0.1' })
  const servers = [loopback, await greeter({ path: `\0${abstract}` })]
  const address = loopback.address()
  const targets = {
    flood: 1024,
    memory: 768,
    writable: ['open/written.txt', 'home/.bashrc'].map((path) => join(root, path)),
    directory: join(root, 'open'),
    removable: join(root, 'open', 'removable.txt'),
    survived: join(root, 'open', 'survived.txt'),
    shadow: join(root, 'etc', 'shadow'),
    key: join(home, '.ssh', 'id_ed25519'),
    project: join(root, 'project', 'private.txt'),
    secretName: SECRET.name,
    port: typeof address === 'object' ? address?.port : undefined,
    abstract,
    victim: victim.pid,
  }
  for (const { fixture, entry = 'module.mjs', api = 1, ships = {} } of packages) {
    const directory = join(modules, `corpus-${fixture}`)
    await makeDirectory(directory)
    await cp(join(FIXTURES, `${fixture}.mjs`), join(directory, 'module.mjs'))
    await cp(join(FIXTURES, 'attempt.mjs'), join(directory, 'attempt.mjs'))
    await writeFile(join(directory, 'targets.json'), JSON.stringify(targets))
    await writeFile(join(directory, 'package.json'), JSON.stringify(manifestOf(fixture, entry, api)))
    await symlink(targets.key, join(directory, 'link-to-key'))
    await symlink(join(root, 'project', 'private.mjs'), join(directory, 'outside.mjs'))
    for (const [path, target] of Object.entries(ships)) {
      await makeDirectory(dirname(join(directory, path)))
      await symlink(join(root, target), join(directory, path))
    }
    if (fixture === 'connects-unix-socket') servers.push(await greeter({ path: join(directory, 'socket') }))
  }
  await cp(join(FIXTURES, 'inert.mjs'), join(root, 'project', 'private.mjs'))
  await giveAway(root)
  return {
    root,
    program: join(root, 'core', 'dist', 'module-child.js'),
    packageOf: (fixture) => join(modules, `corpus-${fixture}`),
    listing: () => listingOf(root),
    async remove() {
      await endAll(servers, victim)
      await rm(root, { recursive: true, force: true })
    },
  }
}

function manifestOf(fixture: string, entry: string, api: number): object {
  return {
    name: `corpus-${fixture}`,
    version: '1.0.0',
    type: 'module',
    bugs: { url: `https://bugs.example/${fixture}` },
    janus: { api, modules: [{ id: fixture === 'inert' ? 'inert' : 'hostile', type: 'host', entry: `./${entry}` }] },
    dependencies: { dep: '*' },
    peerDependencies: { '@janus/core': '*', zod: '^4.0.0' },
  }
}

/** A copy that a module could really write to, linked as a workspace links its members; with all that its index imports. */
async function installCore(root: string, modules: string): Promise<void> {
  const own = join(root, 'core')
  await cp(join(CORE, 'dist'), join(own, 'dist'), { recursive: true, filter: (path) => !path.endsWith('.map') })
  await cp(join(CORE, 'package.json'), join(own, 'package.json'))
  await symlink(own, join(modules, '@janus', 'core'))
  for (const name of ['canonicalize', 'eventemitter3']) {
    const dependency = join('node_modules', name)
    await cp(join(REPOSITORY, dependency), join(root, dependency), { recursive: true })
  }
}

async function greeter(
  where: { readonly port: number; readonly host: string } | { readonly path: string },
): Promise<Server> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined)
    socket.end(GREETING)
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(where, resolve)
  })
  return server
}

async function endAll(servers: readonly Server[], victim: ChildProcess): Promise<void> {
  victim.kill('SIGKILL')
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))))
}

async function giveAway(root: string): Promise<void> {
  if (NOBODY === undefined) return
  for (const path of [root, ...(await pathsIn(root))]) {
    if (!(await lstat(path)).isSymbolicLink()) await chown(path, NOBODY.uid, NOBODY.gid)
  }
}

async function listingOf(root: string): Promise<readonly string[]> {
  const lines = (await pathsIn(root)).map(async (path) => {
    const { mode, size, mtimeMs, ino } = await lstat(path)
    return [path, mode.toString(8), size, mtimeMs, ino].join(' ')
  })
  return (await Promise.all(lines)).sort()
}

async function pathsIn(root: string): Promise<readonly string[]> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true })
  return entries.map((entry) => join(entry.parentPath, entry.name))
}

async function makeDirectory(path: string): Promise<void> {
  await mkdir(path, { recursive: true })
}
