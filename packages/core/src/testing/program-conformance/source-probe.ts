/**
 * Sources a file as Janus does and prints what that did to the shell: `bash -c <this> janus-probe <file>`. Seven parts
 * behind the character 0x1e each: shell state before and after, functions before and after, variables before and after,
 * what was printed meanwhile. Only bash's own commands are used, because the file may have changed everything else.
 */
export const SOURCE_PROBE = `readonly _janus_file=$1
set --
_janus_state() {
  builtin set +o
  builtin shopt -p
  builtin trap -p
  builtin umask
  builtin pwd
  builtin printf 'IFS=%q\\n' "$IFS"
  builtin alias
  builtin true
}
source "$JANUS_LOG_LIBRARY"
_janus_state_before=$(_janus_state)
_janus_functions_before=$(compgen -A function)
_janus_variables_before=$(compgen -v)
_janus_state_after= _janus_functions_after= _janus_variables_after= _janus_printed=
source "$_janus_file" >/dev/shm/printed 2>&1
_janus_state_after=$(_janus_state)
_janus_functions_after=$(builtin compgen -A function)
_janus_variables_after=$(builtin compgen -v)
builtin set +eu
_janus_printed=$(</dev/shm/printed)
builtin printf '\\036%s' "$_janus_state_before" "$_janus_state_after" "$_janus_functions_before" \\
  "$_janus_functions_after" "$_janus_variables_before" "$_janus_variables_after" "$_janus_printed"
`

/** What sourcing a file did. */
export interface SourceEffects {
  /** Lines that tell the state of the shell and that changed, as they are afterwards. */
  readonly changed: readonly string[]
  /** Functions that are new. */
  readonly functions: readonly string[]
  /** Variables that are new, those of bash itself left out. */
  readonly variables: readonly string[]
  readonly printed: string
}

/** Names bash gives values to by itself. */
const OWN_VARIABLES =
  /^(_|_janus_.*|BASH.*|FUNCNAME|LINENO|PIPESTATUS|OPTARG|OPTIND|OPTERR|RANDOM|SRANDOM|SECONDS|EPOCH.*|REPLY|COLUMNS|LINES)$/

/** Reads what the probe printed; undefined when the file ended the shell before it could. */
export function readSourceEffects(output: string): SourceEffects | undefined {
  const parts = output.split('\u001e').slice(1)
  const [before, after, functionsBefore, functionsAfter, variablesBefore, variablesAfter, printed] = parts.map((part) =>
    part.split('\n').filter((line) => line !== ''),
  )
  if (before === undefined || after === undefined || printed === undefined) return undefined
  return {
    changed: [...added(before, after), ...added(after, before).map((line) => `no longer ${line}`)],
    functions: added(functionsBefore, functionsAfter).filter((name) => !name.startsWith('_janus_')),
    variables: added(variablesBefore, variablesAfter).filter((name) => !OWN_VARIABLES.test(name)),
    printed: printed.join('\n'),
  }
}

function added(before: readonly string[] = [], after: readonly string[] = []): readonly string[] {
  return after.filter((line) => !before.includes(line))
}
