import { type Host, janusError, type Query, readMemory } from '@janus/core'
import { type Account, readAccount } from './account.js'
import { type AppArmorState, readAppArmor } from './apparmor.js'
import { type InstallConfiguration, readConfiguration } from './configuration.js'
import type { InstallOptions } from './install-options.js'
import { findPrograms, type InstallPrograms } from './install-programs.js'
import { type Place, placesOf, writtenPlaces } from './places.js'
import type { UnitPaths } from './units/unit-paths.js'

/** What is known of a host on which the agent is, or is to be, installed. */
export interface InstallSurvey {
  readonly host: Host
  readonly options: InstallOptions
  readonly programs: InstallPrograms
  readonly configuration: InstallConfiguration
  readonly account: Account
  /** Whom tools run as when the agent is root; it never is root for them. */
  readonly toolAccount: Account | undefined
  readonly places: readonly Place[]
  readonly appArmor: AppArmorState
  readonly unit: UnitPaths
}

/** Where the service could not read its own program: ProtectHome= hides it. */
const HIDDEN = /^\/(home|root|run\/user)\//
const FALLBACK_PROGRAM = '/usr/bin/janus'
const KIBIBYTE = 1024
const DEFAULT_MEMORY = 32 * KIBIBYTE ** 3

/**
 * Reads all of it.
 * @throws JANUS_HOST_UNFIT, JANUS_HOST_UNREADABLE with what is in the way; JANUS_AGENT_CONFIG_INVALID
 */
export async function surveyInstallation(host: Host, query: Query, options: InstallOptions): Promise<InstallSurvey> {
  const [programs, configuration, account, appArmor, memory] = await Promise.all([
    findPrograms(query),
    readConfiguration(host, options),
    readAccount(host, options),
    readAppArmor(host),
    readMemory(host),
  ])
  const { settings, stateDirectory } = configuration
  const tools = settings.sandbox.dynamic_user
  const toolAccount = account.uid === 0 ? await readAccount(host, { user: tools, home: options.home }) : undefined
  const home = account.isThere ? options.home : account.home
  const places = placesOf(settings, { config: options.config, stateDirectory, home })
  const unit: UnitPaths = {
    program: options.program ?? programs.janus ?? FALLBACK_PROGRAM,
    config: options.config,
    stateDirectory,
    user: account.name,
    group: account.group,
    home: account.home,
    writes: writtenPlaces(places),
    totalBytes: memory.totalKiB === undefined ? DEFAULT_MEMORY : memory.totalKiB * KIBIBYTE,
    addresses: options.addresses,
  }
  return { host, options, programs, configuration, account, toolAccount, places, appArmor, unit }
}

/**
 * Refuses what the units could not be started on.
 * @throws JANUS_HOST_UNFIT
 */
export async function requireInstallable({ host, options, programs, account }: InstallSurvey): Promise<void> {
  if (programs.bwrap === undefined && programs.prlimit !== undefined) {
    throw unfit(
      'bubblewrap is not installed, and no tool runs without a sandbox',
      '/usr/bin/bwrap',
      'apt-get install bubblewrap',
    )
  }
  const program = options.program ?? programs.janus
  if (program === undefined) {
    throw unfit(
      'no janus is on PATH that the units could start',
      '/usr/bin/janus',
      'npm install --global @janus/cli, or name it: --program',
    )
  }
  const target = (await host.readLink(program)).value ?? program
  const hidden = [program, target].find((path) => HIDDEN.test(path))
  if (hidden === undefined || account.uid === 0) return
  throw unfit(
    `${hidden} lies in the home of a person, where the service may not look`,
    hidden,
    'Install it for everybody: npm install --global --prefix /usr/local @janus/cli',
  )
}

function unfit(message: string, path: string, remedy: string): Error {
  return janusError('JANUS_HOST_UNFIT', message, { data: { path }, remedy })
}
