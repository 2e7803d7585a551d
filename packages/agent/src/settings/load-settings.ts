import { readFile } from 'node:fs'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { isJanusError } from '@janus/core'
import { type ConfigText, configProblem, readConfigText } from '@janus/core/config-text'
import { errnoOf, openOwnFile, requireTrustedPath, systemFileOperations } from '@janus/core/state'
import { agentError } from '../errors/agent-error.js'
import { type AgentSettings, agentSettingsSchema } from './agent-settings.js'
import { parseSandboxPolicy } from './sandbox-policy-file.js'
import { membersOf, settingAt, settingsTable } from './settings-table.js'

/** Where the configuration is looked for when none is named. */
export const CONFIG_PATHS = ['/etc/janus/agent.yaml', '/srv/janus/config/agent.yaml'] as const

/** A configuration as its file has it. */
export interface LoadedSettings {
  readonly settings: AgentSettings
  /** The file; undefined when there is none and everything is as by default. */
  readonly path: string | undefined
  /** `file:line:column` of each key that is given. */
  readonly given: ReadonlyMap<string, string>
}

const MOST_BYTES = 1024 * 1024
const readDescriptor = promisify(readFile)

/**
 * Loads the configuration of an agent: YAML or JSON, and the sandbox policy of `policy.json` beside it where there is one. A key that is not known, is there twice
 * or contradicts another one is an error.
 * @param path the file that was named; the first of {@link CONFIG_PATHS} that is there otherwise
 * @throws JANUS_AGENT_CONFIG_INVALID with file, line and column; JANUS_STATE_UNSAFE for a file that others could have written; JANUS_STATE_DENIED
 */
export async function loadSettings(
  path?: string,
  { paths = CONFIG_PATHS }: { readonly paths?: readonly string[] } = {},
): Promise<LoadedSettings> {
  if (path !== undefined) return parseSettings(await readNamed(path), path, await policyBeside(path))
  for (const candidate of paths) {
    const text = await readIfThere(candidate)
    if (text !== undefined) return parseSettings(text, candidate, await policyBeside(candidate))
  }
  const [usual = ''] = paths
  const { settings, given } = await parseSettings('{}', usual, await policyBeside(usual))
  return { settings, path: undefined, given }
}

/**
 * Reads the text of a configuration.
 * @param text untrusted
 * @param policy text of the sandbox policy beside it, untrusted too
 * @throws JANUS_AGENT_CONFIG_INVALID
 */
export async function parseSettings(
  text: string,
  path: string,
  policy?: { readonly text: string; readonly path: string },
): Promise<LoadedSettings> {
  try {
    const read = await readConfigText(text, path)
    const parsed = agentSettingsSchema.safeParse(read.value ?? {})
    if (!parsed.success) throw configProblem(read, parsed.error, (member) => membersOf(member.join('.')))
    refuseContradictions(read, parsed.data)
    const given = givenKeys(read, path)
    if (policy === undefined) return { settings: parsed.data, path, given }
    const own = await parseSandboxPolicy(policy.text, policy.path)
    for (const member of Object.keys(own.members)) {
      const key = `sandbox.policy.${member}`
      const place = given.get(key)
      if (place !== undefined) {
        throw read.invalid(
          `${key} is given here and in ${own.placeOf(member)}; leave one out`,
          place.slice(path.length + 1),
        )
      }
      given.set(key, own.placeOf(member))
    }
    const { sandbox } = parsed.data
    const settings = agentSettingsSchema.parse({
      ...parsed.data,
      sandbox: { ...sandbox, policy: { ...sandbox.policy, ...own.members } },
    })
    return { settings, path, given }
  } catch (cause) {
    if (!isJanusError(cause) || cause.code !== 'JANUS_CONFIG_INVALID') throw cause
    throw agentError('JANUS_AGENT_CONFIG_INVALID', cause.message, { data: cause.data, cause })
  }
}

function givenKeys(read: ConfigText, path: string): Map<string, string> {
  const keys = settingsTable().filter(({ key }) => settingAt(read.value, key) !== undefined)
  return new Map(keys.map(({ key }) => [key, `${path}:${read.positionOf(key.split('.')) ?? ''}`]))
}

async function policyBeside(path: string): Promise<{ readonly text: string; readonly path: string } | undefined> {
  const beside = join(dirname(path), 'policy.json')
  const text = await readIfThere(beside)
  return text === undefined ? undefined : { text, path: beside }
}

function readIfThere(path: string): Promise<string | undefined> {
  return readOwn(path).catch((error: unknown) => {
    if (errnoOf(error) === 'ENOENT') return undefined
    throw error
  })
}

async function readNamed(path: string): Promise<string> {
  const text = await readIfThere(path)
  if (text !== undefined) return text
  const remedy = 'Name a file that is there.'
  throw agentError('JANUS_AGENT_CONFIG_INVALID', `${path} is not there`, { remedy, data: { path } })
}

/** What each key alone permits and both together do not. */
function refuseContradictions(read: ConfigText, { thinking_cycle, tools, llm }: AgentSettings): void {
  const { cycle_interval_seconds: seconds, cycle_interval_hours: hours } = thinking_cycle
  if (seconds !== undefined && hours !== undefined && seconds !== hours * 3600) {
    const key = 'cycle_interval_hours'
    throw read.invalid(
      `thinking_cycle: cycle_interval_seconds says ${seconds} seconds and ${key} ${hours * 3600}; leave one out`,
      read.positionOf(['thinking_cycle'], key),
    )
  }
  if (llm.api_key_file !== null && llm.api_key_env !== null) {
    throw read.invalid(
      'llm: api_key_file and api_key_env both name the key; leave one out',
      read.positionOf(['llm'], 'api_key_env'),
    )
  }
  const names = tools.map(({ name }) => name)
  const twice = names.findIndex((name, index) => names.indexOf(name) !== index)
  if (twice >= 0) {
    throw read.invalid(`tools: two are called ${JSON.stringify(names[twice])}`, read.positionOf(['tools', twice]))
  }
}

async function readOwn(path: string): Promise<string> {
  await requireTrustedPath(dirname(path), process.geteuid?.() ?? 0)
  const { descriptor, size } = await openOwnFile(path, { write: false })
  try {
    if (size <= MOST_BYTES) return await readDescriptor(descriptor, 'utf8')
    throw agentError('JANUS_AGENT_CONFIG_INVALID', `${path} is larger than ${MOST_BYTES} bytes`, { data: { path } })
  } finally {
    await systemFileOperations.close(descriptor)
  }
}
