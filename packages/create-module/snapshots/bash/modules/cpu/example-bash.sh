#!/usr/bin/env bash
# Keeps vm.swappiness low from the next boot on. Replace what it does by what your module is for; Module API v1.
# Options: value (0 to 200, default 10), file (where the setting goes).

if [ "${BASH_SOURCE[0]}" = "$0" ]; then
  set -euo pipefail
fi

SCRIPT_DIR="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
source "$SCRIPT_DIR/../../lib/janus-log.sh"

JANUS_MODULE_TYPE="cpu"
JANUS_MODULE_ID="example-bash"
JANUS_MODULE_VERSION="0.1.0"
JANUS_MODULE_COMPAT_API="1"
JANUS_MODULE_SUMMARY="Keeps vm.swappiness low."

# Looks, changes nothing. 0: fine or worth a warning; 1: in the way; 2 and above: this program failed.
janus_module_check() {
  local value
  if ! value="$(cat /proc/sys/vm/swappiness 2>/dev/null)"; then
    janus_log ERROR "[example-bash] the kernel does not say what vm.swappiness is"
    return 1
  fi
  if [ "$value" -gt 10 ]; then
    janus_log WARN "[example-bash] vm.swappiness is $value"
  else
    janus_log OK "[example-bash] vm.swappiness is $value"
  fi
}

# Options arrive in the environment: value=10 is JANUS_OPT_VALUE=10. A second apply leaves the same file.
janus_module_apply() {
  local value="${JANUS_OPT_VALUE:-10}" file
  file="$(example_bash_file)"
  if ! [[ "$value" =~ ^[0-9]{1,3}$ ]] || [ "$value" -gt 200 ]; then
    janus_log ERROR "[example-bash] value must be a number from 0 to 200"
    return 1
  fi
  if [ -e "$file" ] && ! example_bash_is_ours "$file"; then
    janus_log ERROR "[example-bash] $file is somebody else's, it is left alone"
    return 1
  fi
  # A file that is complete or not there: never a half of one.
  if ! { example_bash_text "$value" >"$file.new" && mv -- "$file.new" "$file"; }; then
    janus_log ERROR "[example-bash] $file cannot be written"
    return 2
  fi
  janus_log OK "[example-bash] $file sets vm.swappiness to $value from the next boot on"
}

# Without an apply, or after one that ended half way, it leaves nothing of ours behind.
janus_module_rollback() {
  local file
  file="$(example_bash_file)"
  if [ -e "$file.new" ]; then rm -- "$file.new"; fi
  if ! [ -e "$file" ]; then
    janus_log OK "[example-bash] there is nothing to roll back"
  elif example_bash_is_ours "$file"; then
    rm -- "$file"
    janus_log OK "[example-bash] $file is removed"
  else
    janus_log WARN "[example-bash] $file is somebody else's, it is left alone"
  fi
}

example_bash_file() { printf '%s' "${JANUS_OPT_FILE:-/etc/sysctl.d/90-example-bash.conf}"; }

example_bash_text() { printf '# Written by the Janus module example-bash.\nvm.swappiness = %s\n' "$1"; }

example_bash_is_ours() { [ "$(head -n 1 -- "$1")" = "$(example_bash_text 0 | head -n 1)" ]; }

if [ "${BASH_SOURCE[0]}" = "$0" ]; then
  case "${1:-}" in
    meta)
      printf 'id=%s\ntype=%s\n' "$JANUS_MODULE_ID" "$JANUS_MODULE_TYPE"
      printf 'version=%s\ncompat_api=%s\n' "$JANUS_MODULE_VERSION" "$JANUS_MODULE_COMPAT_API"
      ;;
    check) janus_module_check ;;
    apply) janus_module_apply ;;
    rollback) janus_module_rollback ;;
    *)
      janus_log ERROR "usage: ${0##*/} meta|check|apply|rollback"
      exit 1
      ;;
  esac
fi
