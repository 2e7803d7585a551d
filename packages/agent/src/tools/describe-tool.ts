import type { ToolDescription } from '../contract/tool-description.js'
import type { ToolEntry } from '../contract/tool-entry.js'
import { WORKSPACE } from './path-problem.js'

/** A tool as people are told of it: values of its variables are left out. */
export function describeTool(entry: ToolEntry): ToolDescription {
  const { manifest } = entry
  return {
    name: entry.name,
    summary: entry.description ?? manifest.summary,
    source: entry.source,
    command: entry.command,
    commandLine: entry.commandLine === true,
    sideEffects: manifest.sideEffects,
    network: entry.allow_network,
    writes: manifest.writes,
    idempotent: manifest.idempotent,
    reversible: manifest.reversible,
    interpreter: manifest.interpreter,
    arguments: manifest.arguments,
    probe: manifest.probe ?? [],
    environment: Object.keys(entry.environment ?? {}).sort(),
    workingDirectory: entry.working_directory ?? WORKSPACE,
    shown: entry.shown ?? [],
  }
}
