import type { ToolEntry } from '../contract/tool-entry.js'
import type { ResolvedTool } from '../contract/warrant.js'

/** The sandbox has its own. */
const OF_THE_SANDBOX: ReadonlySet<string> = new Set(['PATH', 'HOME', 'LANG', 'TMPDIR'])

/** What has a program load or run something else than itself: never inherited, since whoever started the agent is no one who approves. A tool may have them configured. */
const LOADS_CODE =
  /^(?:LD_.*|GLIBC_TUNABLES|GCONV_PATH|BASH_ENV|ENV|SHELLOPTS|NODE_OPTIONS|NODE_PATH|PYTHON(?:PATH|HOME|STARTUP)|PERL5(?:LIB|OPT|DB)|PERLLIB|RUBY(?:LIB|OPT)|JAVA_TOOL_OPTIONS|GIT_.*|PAGER|EDITOR|VISUAL)$/

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
      const value = OF_THE_SANDBOX.has(name) || LOADS_CODE.test(name) ? undefined : own[name]
      return value === undefined ? [] : [[name, value]]
    }),
  )
}
