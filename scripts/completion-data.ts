import { join } from 'node:path'
import type { CompletedCommand, CompletedModuleOption, CompletedValues, PackageCompletion } from '@janus/core'
import { AGENT_COMMANDS } from '../packages/agent/src/commands/command-table.js'
import { COMMON_OPTIONS } from '../packages/agent/src/commands/parse-command-line.js'
import { OPERATIONAL_MODES } from '../packages/agent/src/contract/mode.js'
import { agentInstall } from '../packages/agent/src/install/index.js'
import { listCommands } from '../packages/core/src/commands.js'
import type { JanusModule } from '../packages/core/src/contract/module.js'
import * as z from '../packages/core/src/zod.js'
import { usage as usageOfCreate } from '../packages/create-module/src/arguments.js'
import { moduleTemplates } from '../packages/create-module/src/names.js'
import * as cpu from '../packages/modules-cpu/src/index.js'
import { USAGE as USAGE_OF_TOPOLOGY } from '../packages/modules-cpu/src/topology-command/arguments.js'
import * as gpu from '../packages/modules-gpu/src/index.js'
import { USAGE as USAGE_OF_REPORT } from '../packages/report/src/report-command/arguments.js'
import { repository } from './workspace.js'

/** What a shell completes of our packages, by their folders below `packages`: the text of their `completion.json`. */
export function completionData(): Readonly<Record<string, string>> {
  const data: Readonly<Record<string, PackageCompletion>> = {
    agent: { commands: agentCommands(), modules: moduleOptions([agentInstall]) },
    'create-module': { commands: [moduleCreate] },
    'modules-cpu': { commands: [topology], modules: moduleOptions(modulesIn(cpu)) },
    report: { commands: [report] },
    'modules-gpu': { modules: moduleOptions(modulesIn(gpu)) },
  }
  return Object.fromEntries(
    Object.entries(data).map(([folder, completion]) => [folder, `${JSON.stringify(completion, null, 2)}\n`]),
  )
}

/** What the values of the agent's commands are, by the names that its help gives them. The others cannot be proposed. */
const VALUES_OF_THE_AGENT: Readonly<Record<string, CompletedValues>> = {
  directory: 'directory',
  draft: 'file',
  file: 'file',
  mode: OPERATIONAL_MODES,
  path: 'file',
  policy: 'file',
}

const contributed = listCommands({
  packageJson: join(repository, 'packages/cli/package.json'),
  env: { HOME: '/nowhere' },
})

/** Options that every command has, whether its help names them or not. */
const EVERYWHERE: ReadonlySet<string> = new Set(['--help', '--json'])

const moduleCreate = commandOfUsage({
  words: 'module create',
  arguments: [{ values: 'directory' }],
  usage: usageOfCreate('janus module create'),
  values: { type: ['gpu', 'cpu', 'vm', 'host'], kind: moduleTemplates },
})
const report = commandOfUsage({
  words: 'report',
  usage: USAGE_OF_REPORT,
  values: { host: 'file', out: 'file' },
})
const topology = commandOfUsage({
  words: 'topology',
  usage: USAGE_OF_TOPOLOGY,
  values: { device: 'device', host: 'file' },
})

/** A command that is described by the text of its help alone: a line for each option, two blanks before its summary. */
function commandOfUsage({
  usage,
  values,
  ...command
}: Pick<CompletedCommand, 'words' | 'arguments'> & {
  readonly usage: string
  readonly values: Readonly<Record<string, CompletedValues>>
}): CompletedCommand {
  const lines = usage.matchAll(/^ {2}(--([a-z-]+)(?: <[a-z]+>)?) {2,}(.+)$/gm)
  const options = [...lines].map(([, flags = '', name = '', summary = '']) => {
    const known = values[name]
    return { flags, summary, ...(known === undefined ? {} : { values: known }) }
  })
  const summary = contributed.find(({ name }) => name === command.words)?.summary ?? ''
  return { ...command, summary, options: options.filter(({ flags }) => !EVERYWHERE.has(flags)) }
}

function agentCommands(): readonly CompletedCommand[] {
  return AGENT_COMMANDS.map(({ words, summary, positionals, options }) => ({
    words: `agent ${words}`,
    summary,
    arguments: positionals.map((name) => valuesNamed(name.replace(/\?$/, ''))),
    options: Object.entries<AgentOption>({ ...options, ...COMMON_OPTIONS })
      .filter(([name]) => name !== 'help')
      .map(([name, option]) => ({
        flags: `--${name}${option.type === 'boolean' ? '' : ` ${option.value ?? '<text>'}`}`,
        summary: option.summary,
        ...(option.multiple === true ? { repeatable: true } : {}),
        ...(option.type === 'boolean' ? {} : valuesOf(option)),
      })),
  }))
}

function valuesOf({ value, values }: AgentOption): { readonly values?: CompletedValues } {
  return values === undefined ? valuesNamed((value ?? '').replace(/[<>]/g, '')) : { values }
}

function valuesNamed(name: string): { readonly values?: CompletedValues } {
  const values = VALUES_OF_THE_AGENT[name]
  return values === undefined ? {} : { values }
}

type AgentOption = (typeof AGENT_COMMANDS)[number]['options'][string]

function modulesIn(exported: Readonly<Record<string, unknown>>): readonly DescribedModule[] {
  return Object.values(exported).filter(isModule)
}

function isModule(exported: unknown): exported is DescribedModule {
  return typeof exported === 'object' && exported !== null && '$$janus' in exported
}

type DescribedModule = Pick<JanusModule<z.ZodType>, 'metadata' | 'options'>

function moduleOptions(
  modules: readonly DescribedModule[],
): Readonly<Record<string, readonly CompletedModuleOption[]>> {
  const described = modules.flatMap(({ metadata, options }): [string, readonly CompletedModuleOption[]][] => {
    const { properties = {} } = z.toJSONSchema(options, { io: 'input', unrepresentable: 'any' }) as OptionSchema
    const listed = Object.entries(properties).map(([name, property]) => ({
      name,
      summary: property.description ?? '',
      ...optionValues(name, property),
    }))
    return listed.length === 0 ? [] : [[metadata.id, listed]]
  })
  return Object.fromEntries(described)
}

interface OptionSchema {
  readonly type?: string
  readonly description?: string
  readonly enum?: readonly string[]
  readonly items?: OptionSchema
  readonly properties?: Readonly<Record<string, OptionSchema>>
}

/** Options that hold addresses of devices have no pattern: an address may be written in several ways. */
const DEVICE_OPTIONS: ReadonlySet<string> = new Set(['device', 'devices', 'includeSiblings', 'near'])

function optionValues(name: string, property: OptionSchema): { readonly values?: CompletedValues } {
  if (DEVICE_OPTIONS.has(name)) return { values: 'device' }
  if (name === 'group' && property.description?.includes('IOMMU')) return { values: 'group' }
  const { type, enum: words } = property.items ?? property
  if (words !== undefined) return { values: words }
  return type === 'boolean' ? { values: ['true', 'false'] } : {}
}
