import { hostname, userInfo } from 'node:os'
import { EventEmitter } from 'eventemitter3'
import type { JanusEvents } from './contract/events.js'
import type { Machine, ProcessIdentity } from './contract/hand.js'
import type { Deadlines, Janus, JanusOptions } from './contract/janus.js'
import type { Plan } from './contract/plan.js'
import type { TransactionActor } from './contract/transaction.js'
import { registerCore } from './core-copies.js'
import { janusError } from './errors/janus-error.js'
import { extensionDirectory } from './extensions/extension-directory.js'
import { createLazyExtensions } from './extensions/lazy-extensions.js'
import { createLiveHost } from './host/live-host.js'
import { createQuery } from './host/query.js'
import { readInventory } from './inventory/index.js'
import { janusVersion } from './janus-version.js'
import { logEvents } from './log-events.js'
import { createNullLogger } from './logging/combine-loggers.js'
import { readAskingUser } from './modules/asking-user.js'
import { createModuleLoader } from './modules/module-loader.js'
import { createModuleRegistry } from './modules/module-registry.js'
import { ownHome } from './state/own-home.js'
import { MACHINE_STATE_DIRECTORY, stateDirectory, userDirectories } from './state/state-directory.js'
import { describeChange } from './transaction/describe-change.js'
import { createLiveMachine, type LiveMachine } from './transaction/live-machine.js'
import type { Transactions } from './transaction/transactions.js'

const DEADLINES: Required<Deadlines> = { order: 30_000, verify: 10_000, read: 3_000, hands: 5_000 }

/**
 * Opens a host for diagnosing, planning, applying and undoing.
 *
 * Nothing is read, started or written until a method is called; `close` ends helper processes.
 * @param options everything has a default: the live machine, no modules, the journal by who is running
 * @example
 * const janus = createJanus({ sources: [{ kind: 'dependencies-of', packageJson: '/srv/tool/package.json' }] })
 * const plan = await janus.plan('gpu-vfio', { devices: ['0000:03:00.0'] })
 */
export function createJanus(options: JanusOptions = {}): Janus {
  registerCore()
  const env = options.env ?? process.env
  const log = options.logger ?? createNullLogger()
  const deadlines = { ...DEADLINES, ...options.deadlines }
  const events = new EventEmitter<JanusEvents>()
  const emit = <Name extends keyof JanusEvents>(name: Name, event: JanusEvents[Name][0]): void => {
    try {
      ;(events.emit as (event: Name, argument: JanusEvents[Name][0]) => boolean).call(events, name, event)
    } catch (error) {
      // A listener is a guest: its failure must not stop a transaction between two steps.
      log.error('a listener failed', { event: name, error: error instanceof Error ? error.message : String(error) })
    }
  }
  logEvents(events, log)
  const actor = readActor(env, options.argv ?? process.argv.slice(2))
  const machine = machineOf(options, deadlines, env)
  const { host, query } = machine
  const home = env.HOME ?? ownHome()
  const user = () => readAskingUser({ uid: actor.uid, env, home })
  const registry = createModuleRegistry({
    sources: options.sources ?? [],
    user,
    load: createModuleLoader({ env, home }),
  })
  const extensions = createLazyExtensions(extensionDirectory(userDirectories(env, home)), async () => {
    const [{ createExtensions }, { createLocalExecutor }] = await Promise.all([
      import('./extensions/create-extensions.js'),
      import('./executor/local-executor.js'),
    ])
    const executor = createLocalExecutor()
    return createExtensions({ user: await user(), executor, env, cwd: process.cwd(), found: registry.found })
  })
  const directory = options.stateDirectory ?? stateDirectory({ uid: actor.uid, env, home })
  const never = new AbortController().signal
  const owner = { uid: actor.uid, gid: process.getgid?.() ?? 0 }
  const author = `${actor.user}@${host.kind === 'live' ? hostname() : host.description}`

  const transactions = async (): Promise<Transactions> => {
    if (host.kind === 'snapshot')
      throw janusError('JANUS_USAGE', `${host.description} is a snapshot: it can be planned for, not changed`)
    const { createTransactions } = await import('./transaction/transactions.js')
    const self = await ownIdentity()
    return createTransactions({
      machine,
      stateDirectory: directory,
      deadlines,
      actor,
      janusVersion: janusVersion(),
      process: self,
      emit,
    })
  }
  const requireReadable = async (): Promise<void> => {
    const { inspectStateDirectory } = await import('./state/index.js')
    await inspectStateDirectory(directory, { uid: actor.uid })
    // What root has changed on this machine concerns everybody who asks; it is never shown as an empty list.
    const machineWide =
      options.stateDirectory === undefined && env.JANUS_STATE_DIR === undefined && host.kind === 'live'
    if (machineWide && directory !== MACHINE_STATE_DIRECTORY)
      await inspectStateDirectory(MACHINE_STATE_DIRECTORY, { uid: actor.uid })
  }

  const requireRoot = (plan: Plan): void => {
    // A machine that brings its own hands judges by itself who may give them orders.
    if (options.machine === undefined && host.kind === 'live') refuseUnlessRoot(plan, actor)
  }

  const profiles = async () => {
    const { createProfiles } = await import('./profile/index.js')
    const [from, version] = [process.cwd(), janusVersion()]
    return createProfiles({
      ...{ machine, host, query, log, registry, user, owner, from, transactions },
      by: author,
      janusVersion: version,
      requireRoot,
      async status() {
        await requireReadable()
        const { statusOf } = await import('./transaction/summarise.js')
        return statusOf(machine, directory)
      },
    })
  }

  return {
    events,
    host,
    extensions,
    stateDirectory: directory,
    modules: () => registry.rows(),
    async commands() {
      const { contributedCommands } = await import('./extensions/contributed-commands.js')
      return contributedCommands(options.sources ?? [], await user())
    },
    async command(name) {
      const { requireCommand } = await import('./extensions/require-command.js')
      return requireCommand(name, options.sources ?? [], await user())
    },
    async tools() {
      const { discoverTools } = await import('./tools/discover-tools.js')
      return discoverTools(options.sources ?? [], await user())
    },
    async testModule(name, settings = {}) {
      const { testNamedModule } = await import('./testing/test-named-module.js')
      return testNamedModule(name, settings, { registry, user: await user() })
    },
    async describe(module) {
      const { describeModule } = await import('./modules/describe-module.js')
      return describeModule(registry, module)
    },
    async check(settings = {}) {
      const { runChecks } = await import('./check/index.js')
      const { modules, diagnostics } = await registry.loadAll(settings.modules)
      const { options: asked = {}, signal = never } = settings
      return runChecks({ host, query, log, emit, signal, options: asked }, modules, diagnostics)
    },
    async inventory() {
      return readInventory(host, query)
    },
    async plan(id, moduleOptions, settings = {}) {
      const { planModule } = await import('./plan/index.js')
      const module = await registry.load(id)
      return planModule(
        { host, query, log, owner, by: author, action: settings.action ?? 'apply', signal: settings.signal ?? never },
        module,
        moduleOptions,
      )
    },
    async planInit() {
      const [{ initChanges }, { createPlan }] = await Promise.all([
        import('./init/index.js'),
        import('./plan/index.js'),
      ])
      const changes = await initChanges(host, userDirectories(env, home))
      const module = { id: 'init', version: janusVersion() }
      return createPlan({ host, module, options: {}, changes, by: author, now: new Date(), owner })
    },
    async checkInit() {
      const { checkInit } = await import('./init/index.js')
      return checkInit(query)
    },
    async readPlan(json) {
      const { readPlan } = await import('./plan/index.js')
      return readPlan(json)
    },
    async preflight(plan, settings) {
      requireRoot(plan)
      await requireReadable()
      return (await transactions()).preflight(plan, settings)
    },
    async apply(plan, settings) {
      requireRoot(plan)
      return (await transactions()).apply(plan, settings)
    },
    profiles: async () => (await profiles()).list(),
    readProfile: async (nameOrPath) => (await profiles()).read(nameOrPath),
    planProfile: async (profile, settings) => (await profiles()).plan(profile, settings?.signal ?? never),
    diffProfile: async (profile, settings) => (await profiles()).diff(profile, settings?.signal ?? never),
    applyProfile: async (planned, settings = {}) => (await profiles()).apply(planned, settings),
    async rollback(settings) {
      await requireReadable()
      return (await transactions()).rollback(settings)
    },
    async recover(settings) {
      await requireReadable()
      return (await transactions()).recover(settings)
    },
    async status() {
      await requireReadable()
      const { statusOf } = await import('./transaction/summarise.js')
      return statusOf(machine, directory)
    },
    async history() {
      await requireReadable()
      const { summariseJournal } = await import('./transaction/summarise.js')
      return summariseJournal(machine, directory)
    },
    pruneHistory: async (settings) => (await transactions()).prune(settings),
    async diagnose() {
      const { diagnose } = await import('./doctor/index.js')
      const { uid } = actor
      const contributed = async () => {
        const { runContributedChecks } = await import('./doctor/contributed-checks.js')
        const asked = { sources: options.sources ?? [], user: await user(), stateDirectory: directory, uid, log }
        return runContributedChecks(asked)
      }
      const found = { modules: registry.rows, extensionDirectory: extensions.directory, stateDirectory: directory }
      return diagnose({ ...found, contributed, query, uid, sudo: env.SUDO_UID !== undefined })
    },
    async snapshot(settings = {}) {
      const { captureSnapshot } = await import('./host/capture/index.js')
      return captureSnapshot(host, query, {
        mask: settings.mask ?? true,
        now: new Date(),
        janusVersion: janusVersion(),
      })
    },
    close: async () => machine.close(),
  }
}

function machineOf(
  options: JanusOptions,
  deadlines: Required<Deadlines>,
  env: Readonly<Record<string, string | undefined>>,
): LiveMachine {
  if (options.machine !== undefined) return borrowedMachine(options.machine)
  const given = options.host
  if (given?.kind === 'snapshot') return snapshotMachine(given, env)
  return createLiveMachine({
    createHost: (readHanging) => given ?? createLiveHost({ readHanging }),
    createQuery: (host) => createQuery(host, { env }),
    readDeadline: deadlines.read,
    ...(options.executor === undefined ? {} : { executor: options.executor }),
  })
}

/** Somebody else's machine: it is not ours to close. */
function borrowedMachine(machine: Machine): LiveMachine {
  return {
    host: machine.host,
    query: machine.query,
    startHand: () => machine.startHand(),
    isAlive: (process) => machine.isAlive(process),
    close: async () => {},
  }
}

/** A captured machine can be read and planned for; there is nothing to touch. */
function snapshotMachine(host: Machine['host'], env: Readonly<Record<string, string | undefined>>): LiveMachine {
  return {
    host,
    query: createQuery(host, { env }),
    startHand: () => Promise.reject(janusError('JANUS_INTERNAL', 'a snapshot takes no orders')),
    isAlive: async () => false,
    close: async () => {},
  }
}

/** Attributes and modules of the kernel are root's; what lies in a user's own directories is not. */
function refuseUnlessRoot(plan: Plan, actor: TransactionActor): void {
  if (actor.uid === 0) return
  const change = plan.changes.find(({ kind }) => kind === 'write-attribute' || kind.endsWith('-kernel-module'))
  if (change === undefined) return
  throw janusError('JANUS_NOT_ROOT', `${actor.user} may not ${describeChange(change)}`)
}

function readActor(env: Readonly<Record<string, string | undefined>>, argv: readonly string[]): TransactionActor {
  const uid = process.getuid?.() ?? 0
  const sudoUser = env.SUDO_USER
  return { uid, user: userName(uid), argv, ...(sudoUser === undefined ? {} : { sudoUser }) }
}

function userName(uid: number): string {
  try {
    return userInfo().username
  } catch {
    // A uid without an entry in the user database is normal in containers.
    return String(uid)
  }
}

async function ownIdentity(): Promise<ProcessIdentity> {
  const { readProcessIdentity } = await import('./state/index.js')
  const self = await readProcessIdentity(process.pid)
  if (self === undefined) throw janusError('JANUS_INTERNAL', 'this process cannot be found in /proc')
  return self
}
