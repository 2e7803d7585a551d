#!/usr/bin/env bash
# Keeps the memory of virtual machines out of swap: vm.swappiness at most 10 from the next boot on.
#
# An example of a module in bash. Janus checks it with `janus check host-swappiness`, plans it with
# `janus plan host-swappiness`, and shows that its effects cannot be previewed: what it does is up to this file.
# Options: value (0 to 200, default 10), file (where the setting goes).

if [ "${BASH_SOURCE[0]}" = "$0" ]; then
  set -euo pipefail
fi

SCRIPT_DIR="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
# shellcheck source=../../lib/janus-log.sh
source "$SCRIPT_DIR/../../lib/janus-log.sh"

JANUS_MODULE_TYPE="host"
JANUS_MODULE_ID="host-swappiness"
JANUS_MODULE_VERSION="0.1.0"
JANUS_MODULE_COMPAT_API="1"
JANUS_MODULE_SUMMARY="Keeps the memory of virtual machines out of swap."

HOST_SWAPPINESS_MARK="# Written by the Janus module host-swappiness."

host_swappiness_log() { janus_log "$1" "[$JANUS_MODULE_ID] $2"; }

janus_module_check() {
  local found
  if ! found="$(cat /proc/sys/vm/swappiness 2>/dev/null)"; then
    host_swappiness_log ERROR "the kernel does not say what vm.swappiness is"
    return 1
  fi
  if [ "$found" -gt 10 ]; then
    host_swappiness_log WARN "vm.swappiness is $found: the memory of an idle virtual machine may be swapped out"
  else
    host_swappiness_log OK "vm.swappiness is $found"
  fi
}

janus_module_apply() {
  local file="${JANUS_OPT_FILE:-/etc/sysctl.d/90-janus-swappiness.conf}" value="${JANUS_OPT_VALUE:-10}"
  if ! [[ "$value" =~ ^[0-9]{1,3}$ ]] || [ "$value" -gt 200 ]; then
    host_swappiness_log ERROR "value must be a number from 0 to 200"
    return 1
  fi
  if [ -e "$file" ] && ! host_swappiness_is_ours "$file"; then
    host_swappiness_log ERROR "$file is somebody else's, it is left alone"
    return 1
  fi
  # A file that is complete or not there: never a half of one.
  printf '%s\nvm.swappiness = %s\n' "$HOST_SWAPPINESS_MARK" "$value" >"$file.new"
  mv -- "$file.new" "$file"
  host_swappiness_log OK "$file sets vm.swappiness to $value from the next boot on"
}

janus_module_rollback() {
  local file="${JANUS_OPT_FILE:-/etc/sysctl.d/90-janus-swappiness.conf}"
  rm -f -- "$file.new"
  if ! [ -e "$file" ]; then
    host_swappiness_log OK "there is nothing to roll back"
  elif host_swappiness_is_ours "$file"; then
    rm -- "$file"
    host_swappiness_log OK "$file is removed"
  else
    host_swappiness_log WARN "$file is somebody else's, it is left alone"
  fi
}

host_swappiness_is_ours() { [ "$(head -n 1 -- "$1")" = "$HOST_SWAPPINESS_MARK" ]; }

host_swappiness_meta() {
  printf 'id=%s\n' "$JANUS_MODULE_ID"
  printf 'type=%s\n' "$JANUS_MODULE_TYPE"
  printf 'version=%s\n' "$JANUS_MODULE_VERSION"
  printf 'compat_api=%s\n' "$JANUS_MODULE_COMPAT_API"
}

host_swappiness_main() {
  case "${1:-}" in
    check) janus_module_check ;;
    apply) janus_module_apply ;;
    rollback) janus_module_rollback ;;
    meta) host_swappiness_meta ;;
    *)
      host_swappiness_log ERROR "Usage: ${0##*/} {check|apply|rollback|meta}"
      return 1
      ;;
  esac
}

if [ "${BASH_SOURCE[0]}" = "$0" ]; then
  host_swappiness_main "$@"
fi
