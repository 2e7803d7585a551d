import type { ToolEntry } from '../contract/tool-entry.js'
import type { ResolvedTool } from '../contract/warrant.js'

/** The sandbox has its own. */
const OF_THE_SANDBOX: ReadonlySet<string> = new Set(['PATH', 'HOME', 'LANG', 'TMPDIR'])

/**
 * The variables of a run: those that its warrant names and no others, each as its tool has it configured, else as it is here.
 * @param own variables of this process
 */
export function toolEnvironment(
  { environment: names }: Pick<ResolvedTool, 'environment'>,
  entry: Pick<ToolEntry, 'environment'> | undefined,
  own: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, string>> {
  const configured = entry?.environment ?? {}
  return Object.fromEntries(
    names.flatMap((name) => {
      if (Object.hasOwn(configured, name)) return [[name, configured[name] ?? '']]
      const value = OF_THE_SANDBOX.has(name) ? undefined : own[name]
      return value === undefined ? [] : [[name, value]]
    }),
  )
}
