import { dirname } from 'node:path'
import type { ToolManifest } from '../../contract/tool.js'
import type { AgentSettings } from '../../settings/agent-settings.js'
import { CURL } from './curl.js'
import { GIT, GIT_ENVIRONMENT } from './git.js'
import { grammar } from './grammar-parts.js'
import { FILE_CHUNKER, llamaCli, NODE_GENERATOR, PYTHON } from './programs.js'
import { READS_ONLY } from './reads-only.js'
import { JQ, READING_PROGRAMS, RG } from './text-tools.js'

/** A tool that comes with the agent. It may be proposed once the configuration names it. */
export interface BuiltInTool {
  readonly manifest: ToolManifest
  readonly environment?: Readonly<Record<string, string>>
  readonly commandLine?: boolean
  /** Absolute paths that a run of it is shown besides /usr, read-only. */
  readonly shown?: readonly string[]
  /** Absolute paths of what runs with it besides its program. */
  readonly code?: readonly string[]
}

/** One command line of a program that only reads: no shell ever sees it. */
const SHELL: ToolManifest = {
  name: 'shell',
  summary: 'Runs one simple command of a program that only reads: no pipes, no variables, no other programs.',
  command: [],
  ...READS_ONLY,
  arguments: grammar({
    subcommands: {
      ...READING_PROGRAMS,
      git: withoutProgram(GIT),
      jq: withoutProgram(JQ),
      rg: withoutProgram(RG),
    },
  }),
}

/** The tools that come with the agent, by name. `llama-cli` is there where a model is configured. */
export function builtInTools({ llm }: Pick<AgentSettings, 'llm'>): ReadonlyMap<string, BuiltInTool> {
  const model = llm.model_path
  const tools: readonly BuiltInTool[] = [
    { manifest: SHELL, environment: GIT_ENVIRONMENT, commandLine: true },
    { manifest: CURL },
    { manifest: GIT, environment: GIT_ENVIRONMENT },
    { manifest: RG },
    { manifest: JQ },
    { manifest: PYTHON },
    ...(model === null ? [] : [{ manifest: llamaCli(llm.llama_cli_path, model), shown: [llm.llama_cli_path, model] }]),
    ours(NODE_GENERATOR),
    ours(FILE_CHUNKER),
  ]
  return new Map(tools.map((tool) => [tool.manifest.name, tool]))
}

/** Its program is Node.js, which may lie anywhere; what it runs are files of this package. */
function ours(manifest: ToolManifest): BuiltInTool {
  const [node = '', file = ''] = manifest.command
  const programs = dirname(file)
  return { manifest, shown: [node, programs], code: [programs] }
}

/** The first arguments of a command stand behind its name in a line too. */
function withoutProgram({ command: [, ...first], arguments: own }: ToolManifest): ToolManifest['arguments'] {
  return { ...own, fixed: [...first, ...(own.fixed ?? [])] }
}
