import type { FoundTool } from '@janus/core'
import type { ToolManifest } from '../contract/tool.js'
import type { MissingTool } from '../contract/tool-description.js'
import type { ToolEntry } from '../contract/tool-entry.js'
import { isInterpreter, isStarter } from '../risk/program-classes.js'
import type { AgentSettings } from '../settings/agent-settings.js'
import { type BuiltInTool, builtInTools } from './built-in/built-in-tools.js'

/** The tools of an agent. */
export interface ToolRegistry {
  /** Those that may be proposed, by name. */
  readonly entries: ReadonlyMap<string, ToolEntry>
  /** Those that are configured and cannot be proposed, and why. */
  readonly missing: readonly MissingTool[]
}

type ToolSetting = AgentSettings['tools'][number]

/** What a tool may be given that says nothing of it: texts, none of which is an option. */
const UNDECLARED: ToolManifest['arguments'] = {
  options: [],
  positionals: [{ name: 'text', value: { kind: 'text' }, optional: true, repeatable: true }],
  separator: false,
}

/**
 * The tools that may be proposed: those that are named in `tools[]`, and of them only `security.allowed_tools` where that is a list. An entry with a command is a tool of its
 * own; one without is the built-in tool of its name, or the one of that name in its package. What nobody says of a tool is taken to be the worst.
 * @param discovered tools that packages bring, see `janus.tools()`
 */
export function toolRegistry(settings: AgentSettings, discovered: readonly FoundTool[] = []): ToolRegistry {
  const builtIn = builtInTools(settings)
  const entries = new Map<string, ToolEntry>()
  const missing: MissingTool[] = []
  for (const setting of configuredTools(settings)) {
    const entry = entryOf(setting, { settings, builtIn, discovered })
    if ('because' in entry) missing.push(entry)
    else entries.set(entry.name, entry)
  }
  return { entries, missing }
}

/** Names of the tools that are configured, and allowed; whether they are there is another question. */
export function configuredToolNames(settings: Pick<AgentSettings, 'tools' | 'security'>): readonly string[] {
  return [...new Set(configuredTools(settings).map(({ name }) => name))]
}

function configuredTools({ tools, security }: Pick<AgentSettings, 'tools' | 'security'>): readonly ToolSetting[] {
  const allowed = security.allowed_tools === null ? undefined : new Set(security.allowed_tools)
  return tools.filter(({ name }) => allowed?.has(name) ?? true)
}

interface Sources {
  readonly settings: AgentSettings
  readonly builtIn: ReadonlyMap<string, BuiltInTool>
  readonly discovered: readonly FoundTool[]
}

function entryOf(setting: ToolSetting, sources: Sources): ToolEntry | MissingTool {
  const { name } = setting
  if (setting.package !== undefined) return entryOfPackage(setting, setting.package, sources)
  const known = sources.builtIn.get(name)
  if (setting.command === undefined) {
    if (known === undefined) return { name, because: 'it has no command, and needs a model in llm.model_path' }
    return ofBuiltIn(setting, known, sources)
  }
  // Its arguments are known by its name, unless it brings its own.
  if (known !== undefined && setting.arguments === undefined)
    return ofBuiltIn(setting, known, sources, ownCommand(setting.command, sources))
  return ofOwn(setting, ownCommand(setting.command, sources), sources)
}

/** The tool `bash` is the configured shell, wherever a command begins with its name. */
function ownCommand([program = '', ...first]: readonly string[], { settings }: Sources): readonly string[] {
  return [program === 'bash' ? settings.sandbox.shell_path : program, ...first]
}

function ofOwn(setting: ToolSetting, command: readonly string[], { settings }: Sources): ToolEntry {
  const [program = ''] = command
  const network = setting.allow_network || settings.sandbox.policy.allow_network
  const manifest: ToolManifest = {
    name: setting.name,
    summary: setting.description ?? setting.name,
    command,
    sideEffects: 'outside',
    network,
    writes: true,
    idempotent: false,
    reversible: false,
    interpreter: isInterpreter(program) || isStarter(program),
    arguments: UNDECLARED,
    ...declaredBy(setting),
  }
  return { ...configuredBy(setting), allow_network: network, command, manifest, source: 'configured' }
}

/** A shell stays what it is: what was its command line is split by us and seen by no shell. */
function ofBuiltIn(
  setting: ToolSetting,
  known: BuiltInTool,
  { settings }: Sources,
  command: readonly string[] = known.manifest.command,
): ToolEntry {
  const { commandLine, environment, shown, code } = known
  const own = commandLine === true ? [] : command
  const manifest = { ...known.manifest, ...declaredBy(setting), command: own }
  return {
    ...configuredBy(setting),
    environment: environment === undefined ? setting.environment : { ...setting.environment, ...environment },
    allow_network: manifest.network && (setting.allow_network || settings.sandbox.policy.allow_network),
    command: own,
    manifest,
    source: 'built-in',
    ...(commandLine === true ? { commandLine } : {}),
    ...(shown === undefined ? {} : { shown }),
    ...(code === undefined ? {} : { code }),
  }
}

function entryOfPackage(setting: ToolSetting, source: string, sources: Sources): ToolEntry | MissingTool {
  const { name } = setting
  const found = sources.discovered.filter((tool) => tool.source === source && tool.manifest.name === name)
  const [tool] = found
  if (tool === undefined) return { name, because: `no package ${source} that brings it was found` }
  const places = new Set(found.map(({ directory }) => directory))
  if (places.size > 1) return { name, because: `${source} lies in ${[...places].join(' and in ')}` }
  if (tool.status !== 'enabled') {
    const [problem] = tool.diagnostics
    return { name, because: `${source} is ${tool.status}${problem === undefined ? '' : `: ${problem.summary}`}` }
  }
  const manifest = { ...tool.manifest, ...declaredBy(setting) }
  const isNode = manifest.command[0] === process.execPath
  return {
    ...configuredBy(setting),
    description: setting.description ?? manifest.summary,
    allow_network: manifest.network && (setting.allow_network || sources.settings.sandbox.policy.allow_network),
    command: manifest.command,
    manifest,
    source,
    shown: [...(isNode ? [process.execPath] : []), tool.directory],
    code: [tool.directory],
  }
}

function configuredBy({ name, environment, working_directory, description }: ToolSetting) {
  return { name, environment, working_directory, description }
}

/** What whoever configures a tool says of it goes before what its author says. */
function declaredBy(setting: ToolSetting): Partial<ToolManifest> {
  const { side_effects, writes, idempotent, reversible, interpreter, probe, arguments: own } = setting
  return {
    ...(side_effects === undefined ? {} : { sideEffects: side_effects }),
    ...(writes === undefined ? {} : { writes }),
    ...(idempotent === undefined ? {} : { idempotent }),
    ...(reversible === undefined ? {} : { reversible }),
    ...(interpreter === undefined ? {} : { interpreter }),
    ...(probe === undefined ? {} : { probe }),
    ...(own === undefined ? {} : { arguments: own }),
  }
}
