import type { ToolAction } from '../contract/action.js'
import type { RiskReason } from '../contract/risk.js'
import type { ToolEntry } from '../contract/tool-entry.js'
import { commandOf } from './command-of.js'
import { isAddress, pathsIn } from './named-places.js'
import { isInterpreter, isStarter, programName, startingArgument } from './program-classes.js'

/** What the machine is made of, and other people's. */
const SENSITIVE =
  /^\/(?:boot|dev(?!\/(?:null|zero|stdin|stdout|stderr)$)|efi|etc|home|lib[^/]*|proc|root|run|sbin|bin|srv|sys|usr\/(?!share\/|include\/)|var)(?:\/|$)/u
/** What every run may use: its workspace, its own temporary directory, what programs share. */
const HARMLESS = /^\/(?:workspace|tmp|usr\/share|usr\/include|dev\/(?:null|zero|stdin|stdout|stderr)$)(?:\/|$)/u
const WRITES = /^--(?:output|out|output-document|output-dir|upload-file|target-directory|write|in-place)(?:=|$)/u
/** Short options that write or send, of the programs that have them so. */
const SHORT_WRITES: Readonly<Record<string, RegExp>> = { curl: /^-[oOT]/u, wget: /^-[oOP]/u }

/** What the program, its arguments, its paths and its network say of a run. */
export function toolRisk(action: ToolAction, entry: ToolEntry | undefined): readonly RiskReason[] {
  const command = commandOf(action, entry)
  const { program, first, words } = command
  const starting = startingArgument(program, [...first, ...words])
  const paths = words.flatMap(pathsIn)
  const sensitive = paths.filter((path) => SENSITIVE.test(path) && !HARMLESS.test(path))
  const outside = paths.filter((path) => !HARMLESS.test(path) && !sensitive.includes(path))
  const short = SHORT_WRITES[programName(program)]
  const writing = words.find((word) => WRITES.test(word) || short?.test(word))
  const reasons: (RiskReason | undefined)[] = [
    entry === undefined
      ? { level: 'high', rule: 'unknown-tool', because: `the tool ${JSON.stringify(action.tool)} is not configured` }
      : undefined,
    ...declaredRisk(entry),
    isInterpreter(program)
      ? { level: 'high', rule: 'interpreter', because: `${program} runs whatever its arguments say` }
      : undefined,
    isStarter(program) ? { level: 'high', rule: 'starter', because: `${program} starts another program` } : undefined,
    starting === undefined
      ? undefined
      : { level: 'high', rule: 'starter', because: `${program} ${starting} starts another program or changes files` },
    sensitive.length === 0
      ? undefined
      : { level: 'high', rule: 'outside-workspace', because: `it names ${listed(sensitive)}` },
    outside.length === 0
      ? undefined
      : { level: 'medium', rule: 'outside-workspace', because: `it names ${listed(outside)}` },
    writing === undefined
      ? undefined
      : { level: 'medium', rule: 'writes', because: `${writing} writes or sends what it is told` },
    action.network.length > 0 || words.some(isAddress)
      ? {
          level: 'medium',
          rule: 'network',
          because: `it reaches ${listed([...action.network, ...words.filter(isAddress)])}`,
        }
      : undefined,
  ]
  return reasons.filter((reason) => reason !== undefined)
}

/** What a tool is declared to do is the least that is thought of it. */
function declaredRisk(entry: ToolEntry | undefined): readonly RiskReason[] {
  if (entry === undefined) return []
  const { sideEffects, interpreter, reversible } = entry.manifest
  const reasons: (RiskReason | undefined)[] = [
    interpreter
      ? { level: 'high', rule: 'interpreter', because: `${entry.name} is declared to run whatever it is given` }
      : undefined,
    sideEffects === 'outside'
      ? {
          level: 'medium',
          rule: 'side-effects',
          because: `${entry.name} is declared to have side effects outside of its workspace${reversible ? '' : ', and nothing undoes them'}`,
        }
      : undefined,
  ]
  return reasons.filter((reason) => reason !== undefined)
}

function listed(names: readonly string[]): string {
  const shown = names.slice(0, 3).map((name) => JSON.stringify(name.slice(0, 100)))
  return names.length > shown.length ? `${shown.join(', ')} and ${names.length - shown.length} more` : shown.join(', ')
}
