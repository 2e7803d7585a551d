#!/usr/bin/env bash
# Sets how readily the kernel swaps. Replace what it does by what your module is for; Module API v1.

JANUS_MODULE_TYPE="cpu"
JANUS_MODULE_ID="example-bash"
JANUS_MODULE_VERSION="0.1.0"
JANUS_MODULE_COMPAT_API="1"
JANUS_MODULE_SUMMARY="Sets how readily the kernel swaps."

SCRIPT_DIR="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
source "$SCRIPT_DIR/../../lib/janus-log.sh"

# Options arrive in the environment: value=10 is JANUS_OPT_VALUE=10. With root=<folder> it works on a copy of a machine.
example_bash_setting() { printf '%s' "${JANUS_OPT_ROOT:-}/proc/sys/vm/swappiness"; }
example_bash_saved() { printf '%s' "${JANUS_OPT_ROOT:-}/run/example-bash/swappiness"; }

# Prints the value, or nothing when it cannot be read.
example_bash_value() { cat "$(example_bash_setting)" 2>/dev/null || true; }

example_bash_write() {
  if ! printf '%s\n' "$1" 2>/dev/null >"$(example_bash_setting)"; then
    janus_log ERROR "[example-bash] $(example_bash_setting) cannot be written"
    return 2
  fi
}

# Looks, changes nothing.
janus_module_check() {
  local value
  value="$(example_bash_value)"
  if [ -z "$value" ]; then
    janus_log ERROR "[example-bash] $(example_bash_setting) cannot be read"
    return 1
  fi
  janus_log OK "[example-bash] swappiness is $value"
}

# A second apply finds nothing to do.
janus_module_apply() {
  local wanted="${JANUS_OPT_VALUE:-10}" value saved
  if ! [[ "$wanted" =~ ^(1?[0-9]?[0-9]|200)$ ]]; then
    janus_log ERROR "[example-bash] value must be a number from 0 to 200"
    return 1
  fi
  janus_module_check || return
  value="$(example_bash_value)"
  if [ "$value" = "$wanted" ]; then return 0; fi
  saved="$(example_bash_saved)"
  if [ ! -e "$saved" ]; then
    mkdir -p "$(dirname "$saved")" || return 2
    printf '%s\n' "$value" >"$saved" || return 2
  fi
  example_bash_write "$wanted" || return
  janus_log OK "[example-bash] swappiness was $value and is $wanted"
}

# Without an apply there is nothing to do.
janus_module_rollback() {
  local saved
  saved="$(example_bash_saved)"
  if [ ! -e "$saved" ]; then
    janus_log INFO "[example-bash] nothing to roll back"
    return 0
  fi
  example_bash_write "$(cat "$saved")" || return
  rm -f "$saved" || return 2
  rmdir "$(dirname "$saved")" 2>/dev/null || true
  janus_log OK "[example-bash] swappiness is $(example_bash_value) again"
}

if [ "${BASH_SOURCE[0]}" = "$0" ]; then
  set -euo pipefail
  case "${1:-}" in
    meta)
      printf 'id=%s\ntype=%s\nversion=%s\ncompat_api=%s\n' "$JANUS_MODULE_ID" "$JANUS_MODULE_TYPE" \
        "$JANUS_MODULE_VERSION" "$JANUS_MODULE_COMPAT_API"
      ;;
    check) janus_module_check ;;
    apply) janus_module_apply ;;
    rollback) janus_module_rollback ;;
    *)
      printf 'usage: %s meta|check|apply|rollback\n' "$0" >&2
      exit 1
      ;;
  esac
fi
