/** The file is sourced in the main shell, without arguments and with the options of a fresh bash. */
const SOURCE = 'set --; if [ -r "$JANUS_LOG_LIBRARY" ]; then source "$JANUS_LOG_LIBRARY"; fi; source "$_janus_file"'

/** What the guard of Module API v1 sets when the file is executed itself. */
const CALL = 'set -euo pipefail; "$_janus_function"'

/**
 * Calls one function of a module in bash in exec mode `source`: `bash -c <this> janus-module <file> <function>`. It is
 * short because a plan shows it, and a text because the journal then holds it whole: a rollback needs no file of Janus.
 * What an apply or a rollback logs goes to standard error, whose end is told when it fails.
 */
export const BASH_CALLER = `_janus_file=$1 _janus_function=$2; ${SOURCE}; exec >&2; ${CALL}`

/**
 * Asks a module in bash for an action in exec mode `source`: `bash -c <this> janus-module <file> <action>`. It answers
 * `meta` from the variables, with the lifecycle functions it found; the functions of before Module API v1 stand in for the new ones.
 */
export const BASH_LOADER = `_janus_file=$1 _janus_action=$2
${SOURCE}
if [ "$_janus_action" = meta ]; then
  printf '%s=%s\\n' id "\${JANUS_MODULE_ID-}" type "\${JANUS_MODULE_TYPE-}" version "\${JANUS_MODULE_VERSION-}"
  printf '%s=%s\\n' compat_api "\${JANUS_MODULE_COMPAT_API-}"
  for _janus_function in janus_module_{check,apply,rollback} check_capability apply_config rollback; do
    if declare -F "$_janus_function" >/dev/null; then printf 'function=%s\\n' "$_janus_function"; fi
  done
  exit 0
fi
case $_janus_action in
  check) _janus_legacy=check_capability ;;
  apply) _janus_legacy=apply_config ;;
  *) _janus_legacy=rollback ;;
esac
_janus_function=janus_module_$_janus_action
if ! declare -F "$_janus_function" >/dev/null; then _janus_function=$_janus_legacy; fi
if ! declare -F "$_janus_function" >/dev/null; then
  printf '[CRITICAL] %s defines no function janus_module_%s\\n' "$_janus_file" "$_janus_action"
  exit 2
fi
${CALL}
`
