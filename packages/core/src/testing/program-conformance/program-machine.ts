import { chmod, chown, lchown, mkdir, mkdtemp, readdir, realpath, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { janusError } from '../../errors/janus-error.js'
import { createLocalExecutor } from '../../executor/index.js'
import { type SandboxIdentity, sandboxIdentity } from '../../sandbox/sandbox-identity.js'
import { systemDirectories } from '../../sandbox/system-directories.js'
import type { HostTree, HostTreeEntry } from '../contract-suites/host-suite.js'
import { type MachineState, readMachineState } from './machine-state.js'
import type { TestedProgram } from './program-subject.js'
import { type StagedProgram, stageProgram } from './stage-program.js'

/** How one program is run on a machine. */
export interface MachineCall {
  readonly args: readonly [string, ...string[]]
  readonly env: Readonly<Record<string, string>>
  readonly deadline: number
  /** Nothing on the machine can be written. */
  readonly readOnly?: boolean
}

/** How it ended. */
export interface MachineAnswer {
  readonly exitCode: number | undefined
  readonly stdout: string
  readonly stderr: string
  readonly timedOut: boolean
}

/** A machine that exists in a folder: a program changes it as if it were the real one, and nothing else. */
export interface ProgramMachine {
  /** The program and the logging library, relative to {@link PROGRAM_PLACES}. */
  readonly entry: string
  readonly library: string
  run(call: MachineCall): Promise<MachineAnswer>
  /** Everything on it, for comparing before with after. */
  state(): Promise<MachineState>
  close(): Promise<void>
}

/** Where the tested program lies, and where it lies in the case of spaces. */
export const PROGRAM_PLACES = { plain: '/module', spaced: '/a module in a folder' } as const

const WRITABLE = ['boot', 'etc', 'home', 'mnt', 'opt', 'root', 'run', 'srv', 'sys', 'tmp', 'usr/local/sbin', 'var']
const SHOWN = ['/etc/ld.so.cache', '/etc/alternatives']
const ALWAYS: HostTree = {
  '/etc/passwd': 'root:x:0:0:root:/root:/bin/bash\n',
  '/etc/group': 'root:x:0:\n',
  '/etc/hostname': 'conformance\n',
  '/var/tmp': { directory: true },
  '/var/lib': { directory: true },
}

/**
 * Makes a machine and puts files on it. What runs there sees this machine's programs, the module, and nothing else of
 * ours; it believes to be root, has no rights and no network. It holds mistakes; code that is hostile is not tested.
 * @throws JANUS_SANDBOX_UNAVAILABLE
 */
export async function createProgramMachine(subject: TestedProgram, files: HostTree): Promise<ProgramMachine> {
  const { program } = await subject.sandbox.probe()
  const identity = sandboxIdentity(undefined)
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'janus-machine-')))
  const close = () => rm(folder, { recursive: true, force: true })
  try {
    const staged = await stageProgram(subject, join(folder, 'module'))
    const root = join(folder, 'root')
    for (const name of WRITABLE) await mkdir(join(root, name), { recursive: true })
    await makeMountPoints(root)
    const covered = await writeFiles(root, join(folder, 'proc'), { ...ALWAYS, ...files })
    if (identity !== undefined) await giveTo(folder, identity)
    const fixed = await fixedArguments(staged, covered)
    const executor = createLocalExecutor()
    return {
      entry: staged.entry,
      library: staged.library,
      close,
      state: () => readMachineState(root, SHOWN),
      async run({ args, env, deadline, readOnly = false }) {
        const bind = readOnly ? '--ro-bind' : '--bind'
        const places = WRITABLE.flatMap((name) => [bind, join(root, name), `/${name}`])
        const shown = SHOWN.flatMap((path) => ['--ro-bind-try', path, path])
        const set = Object.entries(env).flatMap(([name, value]) => ['--setenv', name, value])
        const all = [program, ...fixed.before, ...places, ...shown, ...fixed.after, ...set, '--', ...args]
        const [command = '', ...rest] = [...asUser(identity), ...all]
        const answer = await executor.run(command, rest, { env: {}, cwd: '/', timeout: deadline })
        if (answer.exitCode !== 0 && answer.stderr.startsWith('bwrap: ')) throw notSetUp(answer.stderr)
        return answer
      },
    }
  } catch (error) {
    await close()
    throw error
  }
}

async function fixedArguments(staged: StagedProgram, covered: readonly (readonly [string, string])[]) {
  const system = (await systemDirectories()).flatMap((found) =>
    found.kind === 'link' ? ['--symlink', found.link, found.path] : ['--ro-bind', found.path, found.path],
  )
  const isolation = ['--unshare-all', '--die-with-parent', '--new-session', '--cap-drop', 'ALL', '--clearenv']
  const places = Object.values(PROGRAM_PLACES).flatMap((place) => ['--ro-bind', staged.directory, place])
  const kernel = covered.flatMap(([source, target]) => ['--ro-bind', source, target])
  return {
    before: [...isolation, '--uid', '0', '--gid', '0', '--hostname', 'conformance', ...system],
    after: ['--proc', '/proc', '--dev', '/dev', ...kernel, ...places, '--chdir', '/'],
  }
}

/** Where a machine cannot be written, no place for a mount can be made either. */
async function makeMountPoints(root: string): Promise<void> {
  for (const path of SHOWN) {
    const stats = await stat(path).catch(() => undefined)
    if (stats?.isDirectory() === true) await mkdir(join(root, path), { recursive: true })
    else if (stats !== undefined) await writeFile(join(root, path), '')
  }
}

function notSetUp(stderr: string): Error {
  const [line = ''] = stderr.split('\n')
  return janusError(
    'JANUS_SANDBOX_UNAVAILABLE',
    `the machine of the fixture could not be set up: ${line.slice(0, 300)}`,
  )
}

function asUser(identity: SandboxIdentity | undefined): readonly string[] {
  if (identity === undefined) return []
  const { uid, gid } = identity
  return ['setpriv', `--reuid=${uid}`, `--regid=${gid}`, '--clear-groups', '--inh-caps=-all', '--no-new-privs', '--']
}

/** Files of /proc cannot lie in a folder: the kernel's own are covered by them. */
async function writeFiles(root: string, kernel: string, files: HostTree) {
  const covered: (readonly [string, string])[] = []
  for (const [path, entry] of Object.entries(files)) {
    const inKernel = path.startsWith('/proc/')
    if (!inKernel && !WRITABLE.some((name) => path.startsWith(`/${name}/`))) {
      throw janusError('JANUS_USAGE', `a fixture cannot put anything at ${path}`, { data: { places: WRITABLE } })
    }
    const name = join(inKernel ? kernel : root, path)
    await writeEntry(name, entry)
    if (inKernel) covered.push([name, path])
  }
  return covered
}

async function writeEntry(name: string, entry: HostTreeEntry): Promise<void> {
  await mkdir(dirname(name), { recursive: true })
  if (typeof entry === 'string' || entry instanceof Uint8Array) return writeFile(name, entry)
  if ('link' in entry) return symlink(entry.link, name)
  if ('directory' in entry) {
    await mkdir(name, { recursive: true })
    return
  }
  await writeFile(name, entry.text)
  await chmod(name, entry.mode)
}

async function giveTo(folder: string, { uid, gid }: SandboxIdentity): Promise<void> {
  await chown(folder, uid, gid)
  for (const entry of await readdir(folder, { withFileTypes: true, recursive: true })) {
    await lchown(join(entry.parentPath, entry.name), uid, gid)
  }
}
