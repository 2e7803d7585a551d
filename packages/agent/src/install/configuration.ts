import { dirname, join } from 'node:path'
import { type Change, type Host, janusError } from '@janus/core'
import type { AgentSettings } from '../settings/agent-settings.js'
import { parseSettings } from '../settings/load-settings.js'
import type { Account } from './account.js'
import type { InstallOptions } from './install-options.js'

/** The configuration that is there, or the one that is to be made. */
export interface InstallConfiguration {
  readonly settings: AgentSettings
  /** Directory of the record. */
  readonly stateDirectory: string
  /** Files that are to be made; none where the configuration is there. */
  readonly files: readonly ConfigurationFile[]
}

/** A file of a configuration that is made. */
export interface ConfigurationFile {
  readonly path: string
  readonly text: string
  /** Permission bits; its owner is root, its group that of the agent. */
  readonly mode: number
  readonly why: string
}

/** The agent reads it and cannot write it; it may hold what is not everybody's. */
const FOR_THE_AGENT = 0o640
const FOR_EVERYBODY = 0o644

/**
 * Reads the configuration, or composes one. One that is there is never changed.
 * @throws JANUS_AGENT_CONFIG_INVALID; JANUS_HOST_UNFIT when it does not say where the record lies; JANUS_HOST_UNREADABLE for what cannot be read
 */
export async function readConfiguration(host: Host, options: InstallOptions): Promise<InstallConfiguration> {
  const { config } = options
  const present = await readFile(host, config)
  const policyPath = join(dirname(config), 'policy.json')
  const policy = await readFile(host, policyPath)
  const beside = policy === undefined ? [] : [{ text: policy, path: policyPath }]
  if (present !== undefined) {
    const { settings } = await parseSettings(present, config, ...beside)
    const { state_directory: stateDirectory } = settings
    if (stateDirectory === null) {
      throw janusError('JANUS_HOST_UNFIT', `${config} does not say where the record lies`, {
        data: { path: config },
        remedy: `Add a line to it: state_directory: ${options.stateDirectory}`,
      })
    }
    return { settings, stateDirectory, files: [] }
  }
  const files = await composedFiles(host, options, policy === undefined ? policyPath : undefined)
  const [main] = files
  const own = files.find(({ path }) => path === policyPath)
  const { settings } = await parseSettings(main?.text ?? '', config, ...(own === undefined ? beside : [own]))
  return { settings, stateDirectory: options.stateDirectory, files }
}

/** The changes that write what is missing. */
export function configurationChanges({ files }: InstallConfiguration, { gid }: Account): readonly Change[] {
  return files.map(({ path, text, mode, why }) => ({
    kind: 'write-file',
    path,
    content: { text },
    mode,
    owner: { uid: 0, gid: mode === FOR_THE_AGENT ? gid : 0 },
    why,
    // What they say is for people to change, and what one says may move into another.
    verify: [],
    scope: 'persistent',
  }))
}

async function composedFiles(
  host: Host,
  options: InstallOptions,
  policyPath: string | undefined,
): Promise<readonly ConfigurationFile[]> {
  const { config, charter } = options
  const directory = dirname(config)
  const playbooks = join(directory, 'playbooks.json')
  const charterCopy = join(directory, 'charter.md')
  const isNew = async (path: string): Promise<boolean> => (await readFile(host, path)) === undefined
  const files: ConfigurationFile[] = [
    {
      path: config,
      text: configurationText(options, { playbooks, charter: charter === undefined ? undefined : charterCopy }),
      mode: FOR_THE_AGENT,
      why: 'the configuration, as cautious as it is by default',
    },
  ]
  if (policyPath !== undefined) {
    const text = `${JSON.stringify({ cpu_quota_percent: 150, memory_limit_mb: 4096, allow_network: false }, null, 2)}\n`
    files.push({ path: policyPath, text, mode: FOR_EVERYBODY, why: 'the sandbox policy of the documents' })
  }
  if (await isNew(playbooks)) {
    const text = `${JSON.stringify({ playbooks: [] }, null, 2)}\n`
    files.push({ path: playbooks, text, mode: FOR_EVERYBODY, why: 'the playbooks: none yet' })
  }
  if (charter !== undefined && (await isNew(charterCopy))) {
    const text = await readFile(host, charter)
    if (text === undefined) {
      const remedy = 'Name a file that is there.'
      throw janusError('JANUS_HOST_UNFIT', `the charter ${charter} is not there`, { data: { path: charter }, remedy })
    }
    files.push({ path: charterCopy, text, mode: FOR_EVERYBODY, why: 'the charter; its digest stands on the record' })
  }
  return files
}

/** Texts are JSON, which is YAML. */
function configurationText(
  { stateDirectory, vessel, user }: InstallOptions,
  { playbooks, charter }: { readonly playbooks: string; readonly charter: string | undefined },
): string {
  const quoted = (text: string): string => JSON.stringify(text)
  return [
    '# The configuration of the Janus agent, made by agent-install. Every key, what it does and where its value comes from:',
    '# janus agent config check',
    ...(vessel === undefined ? [] : [`vessel_id: ${quoted(vessel)}`]),
    'operational_mode: alpha',
    `state_directory: ${quoted(stateDirectory)}`,
    ...(charter === undefined ? [] : ['constitutional:', `  charter_path: ${quoted(charter)}`]),
    'sandbox:',
    `  dynamic_user: ${quoted(user === 'root' ? 'janus' : user)}`,
    'playbooks:',
    `  registry_path: ${quoted(playbooks)}`,
    'thinking_cycle:',
    '  # True: it proposes what nobody asked for, once there is a model (llm).',
    '  enable_autonomous_proposals: false',
    'auto_executor:',
    '  # False: nothing runs that no person approved.',
    '  enabled: false',
    'approval_workflow:',
    '  # True once the program that tells people is there: notification_script.',
    '  notification_enabled: false',
    '  # The members of the group of the agent may reach its socket; who may decide: approvers.',
    '  socket_group: true',
    '',
  ].join('\n')
}

async function readFile(host: Host, path: string): Promise<string | undefined> {
  const { value, unreadable } = await host.readText(path)
  if (unreadable === undefined) return value
  throw janusError('JANUS_HOST_UNREADABLE', `${path} cannot be read: ${unreadable}`, {
    data: { path },
    remedy: 'Run it as root.',
  })
}
