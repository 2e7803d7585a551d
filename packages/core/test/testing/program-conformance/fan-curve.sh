#!/usr/bin/env bash
# A module in bash, in the original style: sets the mode of the fans.

JANUS_MODULE_TYPE="host"
JANUS_MODULE_ID="fan-curve"
JANUS_MODULE_VERSION="1.0.0"
JANUS_MODULE_COMPAT_API="1"

SCRIPT_DIR="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
# shellcheck source=/dev/null
source "$SCRIPT_DIR/../../lib/janus-log.sh"

FAN_CURVE_MODE="/sys/class/hwmon/hwmon0/pwm1_enable"
FAN_CURVE_SAVED="/var/lib/fan-curve"

fan_curve_log() { janus_log "$1" "[fan-curve] $2"; }

janus_module_check() {
  fan_curve_log INFO "check started"
  if [ ! -r "$FAN_CURVE_MODE" ]; then
    fan_curve_log WARN "no fan can be controlled here"
    return 1
  fi
  fan_curve_log OK "the mode is $(cat "$FAN_CURVE_MODE")"
}

janus_module_apply() {
  local wanted="${JANUS_OPT_MODE:-1}" mode
  fan_curve_log INFO "apply started"
  if [ ! -r "$FAN_CURVE_MODE" ]; then
    fan_curve_log ERROR "no fan can be controlled here"
    return 1
  fi
  mode="$(cat "$FAN_CURVE_MODE")"
  if [ "$mode" = "$wanted" ]; then
    fan_curve_log OK "the mode is $wanted already"
    return 0
  fi
  if ! { printf '%s\n' "$mode" >"$FAN_CURVE_SAVED"; } 2>/dev/null; then
    fan_curve_log ERROR "the mode cannot be saved"
    return 1
  fi
  printf '%s\n' "$wanted" >"$FAN_CURVE_MODE"
  fan_curve_log OK "the mode is $wanted"
}

janus_module_rollback() {
  fan_curve_log INFO "rollback started"
  if [ ! -e "$FAN_CURVE_SAVED" ]; then
    fan_curve_log OK "nothing to take back"
    return 0
  fi
  cat "$FAN_CURVE_SAVED" >"$FAN_CURVE_MODE"
  rm "$FAN_CURVE_SAVED"
  fan_curve_log OK "the mode is what it was"
}

if [ "${BASH_SOURCE[0]}" = "$0" ]; then
  set -euo pipefail
  case "${1:-}" in
    check) janus_module_check ;;
    apply) janus_module_apply ;;
    rollback) janus_module_rollback ;;
    meta)
      printf 'id=%s\n' "$JANUS_MODULE_ID"
      printf 'type=%s\n' "$JANUS_MODULE_TYPE"
      printf 'version=%s\n' "$JANUS_MODULE_VERSION"
      printf 'compat_api=%s\n' "$JANUS_MODULE_COMPAT_API"
      ;;
    *)
      printf 'usage: %s check|apply|rollback|meta\n' "$0"
      exit 1
      ;;
  esac
fi
