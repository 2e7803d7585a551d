#!/usr/bin/env bash
# The logging library of Module API v1 for modules in bash. Source it, then call janus_log:
#
#   SCRIPT_DIR="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
#   source "$SCRIPT_DIR/../../lib/janus-log.sh"
#   janus_log INFO "[my-module] looking at the fans"
#
# Levels: DEBUG INFO OK WARN ERROR CRITICAL. Each call writes one line "[LEVEL] message" to standard output, the level
# in colour unless JANUS_LOG_ENABLE_COLOR is something other than 1. Janus sets it to 0 and reads the lines back.
# Sourcing it sets no shell option, and is safe under set -euo pipefail and when done twice.

if [ -n "${JANUS_LOG_LIB_LOADED:-}" ] && declare -F janus_log >/dev/null; then
  return 0
fi
JANUS_LOG_LIB_LOADED=1
JANUS_LOG_ENABLE_COLOR="${JANUS_LOG_ENABLE_COLOR:-1}"

# Prints the escape sequence that begins the colour of a level; nothing for a level it does not know.
janus_log_color() {
  case "${1:-}" in
    DEBUG) printf '\033[0;36m' ;;
    INFO) printf '\033[0;34m' ;;
    OK) printf '\033[0;32m' ;;
    WARN) printf '\033[1;33m' ;;
    ERROR | CRITICAL) printf '\033[0;31m' ;;
  esac
}

# janus_log LEVEL MESSAGE…
janus_log() {
  local level="${1:-INFO}" color=''
  if [ "$#" -gt 0 ]; then shift; fi
  if [ "${JANUS_LOG_ENABLE_COLOR:-1}" = 1 ]; then color="$(janus_log_color "$level")"; fi
  # The IFS that a module has set must not show in its messages.
  local IFS=' '
  if [ -n "$color" ]; then
    printf '%s[%s]\033[0m %s\n' "$color" "$level" "$*"
  else
    printf '[%s] %s\n' "$level" "$*"
  fi
}

janus_log_debug() { janus_log DEBUG "$@"; }
janus_log_info() { janus_log INFO "$@"; }
janus_log_ok() { janus_log OK "$@"; }
janus_log_warn() { janus_log WARN "$@"; }
janus_log_error() { janus_log ERROR "$@"; }
janus_log_critical() { janus_log CRITICAL "$@"; }
