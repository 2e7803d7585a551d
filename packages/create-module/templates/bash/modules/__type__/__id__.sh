#!/usr/bin/env bash
# Sets how readily the kernel swaps. Replace what it does by what your module is for; Module API v1.

JANUS_MODULE_TYPE="__type__"
JANUS_MODULE_ID="__id__"
JANUS_MODULE_VERSION="0.1.0"
JANUS_MODULE_COMPAT_API="1"
JANUS_MODULE_SUMMARY="Sets how readily the kernel swaps."

SCRIPT_DIR="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
source "$SCRIPT_DIR/../../lib/janus-log.sh"

# Options arrive in the environment: value=10 is JANUS_OPT_VALUE=10. With root=<folder> it works on a copy of a machine.
__prefix___setting() { printf '%s' "${JANUS_OPT_ROOT:-}/proc/sys/vm/swappiness"; }
__prefix___saved() { printf '%s' "${JANUS_OPT_ROOT:-}/run/__id__/swappiness"; }

# Prints the value, or nothing when it cannot be read.
__prefix___value() { cat "$(__prefix___setting)" 2>/dev/null || true; }

__prefix___write() {
  if ! printf '%s\n' "$1" 2>/dev/null >"$(__prefix___setting)"; then
    janus_log ERROR "[__id__] $(__prefix___setting) cannot be written"
    return 2
  fi
}

# Looks, changes nothing.
janus_module_check() {
  local value
  value="$(__prefix___value)"
  if [ -z "$value" ]; then
    janus_log ERROR "[__id__] $(__prefix___setting) cannot be read"
    return 1
  fi
  janus_log OK "[__id__] swappiness is $value"
}

# A second apply finds nothing to do.
janus_module_apply() {
  local wanted="${JANUS_OPT_VALUE:-10}" value saved
  if ! [[ "$wanted" =~ ^(1?[0-9]?[0-9]|200)$ ]]; then
    janus_log ERROR "[__id__] value must be a number from 0 to 200"
    return 1
  fi
  janus_module_check || return
  value="$(__prefix___value)"
  if [ "$value" = "$wanted" ]; then return 0; fi
  saved="$(__prefix___saved)"
  if [ ! -e "$saved" ]; then
    mkdir -p "$(dirname "$saved")" || return 2
    printf '%s\n' "$value" >"$saved" || return 2
  fi
  __prefix___write "$wanted" || return
  janus_log OK "[__id__] swappiness was $value and is $wanted"
}

# Without an apply there is nothing to do.
janus_module_rollback() {
  local saved
  saved="$(__prefix___saved)"
  if [ ! -e "$saved" ]; then
    janus_log INFO "[__id__] nothing to roll back"
    return 0
  fi
  __prefix___write "$(cat "$saved")" || return
  rm -f "$saved" || return 2
  rmdir "$(dirname "$saved")" 2>/dev/null || true
  janus_log OK "[__id__] swappiness is $(__prefix___value) again"
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
