import { parseArgs } from 'node:util'
import { createError } from './create-error.js'
import { type ModuleTemplate, moduleTemplates } from './names.js'

/** What was said on the command line. */
export interface Arguments {
  readonly folder?: string
  readonly type?: string
  readonly kind?: ModuleTemplate
  readonly id?: string
  readonly packageName?: string
  /** Nothing is asked: what was not said is as by default. */
  readonly yes: boolean
  readonly help: boolean
}

/**
 * The text of `--help`.
 * @param command what it is called by; npm takes options for itself that do not stand behind `--`
 */
export function usage(command: 'npm create @janus/module' | 'janus module create'): string {
  const separator = command.startsWith('npm') ? ' --' : ''
  return `${command} <folder>${separator} [options]

Writes a new module for Janus into a folder that is empty or not there yet.

  --type <type>   gpu, cpu, vm, host or any other kebab-case word (host)
  --kind <kind>   ts or bash (ts)
  --id <id>       id of the module (the folder's name)
  --name <name>   name of the npm package (janus-module-<id>)
  --yes           ask nothing
  --help          print this

Example: ${command} fan-curve${separator} --type host --kind ts --yes
`
}

/** Reads the command line. */
export function parseArguments(args: readonly string[]): Arguments {
  const { values, positionals } = parsed(args)
  if (positionals.length > 1) throw createError(`one folder, not ${positionals.length}`)
  const { kind, type, id, name } = values
  return {
    ...(positionals[0] === undefined ? {} : { folder: positionals[0] }),
    ...(type === undefined ? {} : { type }),
    ...(kind === undefined ? {} : { kind: asKind(kind) }),
    ...(id === undefined ? {} : { id }),
    ...(name === undefined ? {} : { packageName: name }),
    yes: values.yes ?? false,
    help: values.help ?? false,
  }
}

/** A kind as people write it. */
export function asKind(text: string): ModuleTemplate {
  const word = text === 'typescript' ? 'ts' : text
  const kind = moduleTemplates.find((known) => known === word)
  if (kind === undefined) throw createError(`the kind ${JSON.stringify(text)} is none of ${moduleTemplates.join(', ')}`)
  return kind
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        type: { type: 'string' },
        kind: { type: 'string' },
        id: { type: 'string' },
        name: { type: 'string' },
        yes: { type: 'boolean', short: 'y' },
        help: { type: 'boolean', short: 'h' },
      },
    })
  } catch (error) {
    throw createError(error instanceof Error ? error.message : String(error))
  }
}
