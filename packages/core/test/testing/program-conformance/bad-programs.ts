import type { ProgramClauseId } from '../../../src/testing/index.js'

/** A part of the good module, and what a bad one has in its place. */
type Flaw = readonly (readonly [part: string, instead: string])[]

const CHECK = 'fan_curve_log INFO "check started"'
const APPLY = 'fan_curve_log INFO "apply started"'

/** One flaw for each clause: the rest of the module is as it should be. */
export const flaws: Readonly<Record<ProgramClauseId, Flaw>> = {
  'program-metadata': [['JANUS_MODULE_VERSION="1.0.0"', 'JANUS_MODULE_VERSION="1.0"']],
  'program-meta': [[`printf 'version=%s\\n' "$JANUS_MODULE_VERSION"`, `printf 'version=1.0.1\\n'`]],
  'program-usage': [['      exit 1\n', '      exit 0\n']],
  'program-check-changes-nothing': [[CHECK, `${CHECK}; mkdir -p /run/fan-curve`]],
  'program-check-answers-anywhere': [
    [
      'controlled here"\n    return 1\n  fi\n  fan_curve_log OK',
      'controlled here"\n    return 2\n  fi\n  fan_curve_log OK',
    ],
  ],
  'program-exit-codes': [[CHECK, `${CHECK}; if [ -r "$FAN_CURVE_MODE" ]; then return 3; fi`]],
  'program-apply-refuses': [
    ['ERROR "no fan can be controlled here"\n    return 1', 'ERROR "no fan can be controlled here"\n    return 0'],
  ],
  'program-apply-twice': [
    [
      'fan_curve_log OK "the mode is $wanted already"\n    return 0',
      'fan_curve_log ERROR "the mode is $wanted already"\n    return 1',
    ],
  ],
  'program-failure-told': [
    [
      'fan_curve_log ERROR "the mode cannot be saved"\n    return 1',
      'fan_curve_log WARN "the mode cannot be saved"\n    return 0',
    ],
  ],
  'program-rollback-restores': [['cat "$FAN_CURVE_SAVED" >"$FAN_CURVE_MODE"', 'printf "0\\n" >"$FAN_CURVE_MODE"']],
  'program-rollback-without-apply': [
    [
      'fan_curve_log OK "nothing to take back"\n    return 0',
      'fan_curve_log ERROR "nothing to take back"\n    return 1',
    ],
  ],
  'program-log-lines': [[APPLY, 'echo "setting the fans"']],
  'program-no-colour': [[CHECK, `printf '[INFO] \\033[1mcheck started\\033[0m\\n'`]],
  'program-no-waiting': [[APPLY, `${APPLY}; read -r _ || true`]],
  'program-no-litter': [
    [
      '>"$FAN_CURVE_MODE"\n  fan_curve_log OK "the mode is $wanted"',
      '>"$FAN_CURVE_MODE"; : >/tmp/fan-curve\n  fan_curve_log OK "the mode is $wanted"',
    ],
    ['fan_curve_log INFO "rollback started"', 'fan_curve_log INFO "rollback started"; rm -f /tmp/fan-curve'],
  ],
  'program-path-with-spaces': [
    ['source "$SCRIPT_DIR/../../lib/janus-log.sh"', 'source $SCRIPT_DIR/../../lib/janus-log.sh || exit 2'],
  ],
  'bash-functions': [
    ['janus_module_check() {', 'check_capability() {'],
    ['check) janus_module_check', 'check) check_capability'],
  ],
  'bash-source-silent': [['FAN_CURVE_SAVED="', 'janus_log INFO "[fan-curve] loaded"\nFAN_CURVE_SAVED="']],
  'bash-shell-options': [['FAN_CURVE_SAVED="', 'shopt -s nullglob\nFAN_CURVE_SAVED="']],
  'bash-names': [['fan_curve_log() {', 'say() { :; }\nfan_curve_log() {']],
  'bash-modes-agree': [['check) janus_module_check ;;', 'check) janus_module_check; exit 1 ;;']],
}

/** The good module made bad. */
export function flawed(good: string, flaw: Flaw): string {
  return flaw.reduce((text, [part, instead]) => {
    if (text.split(part).length !== 2) throw new Error(`the good module must hold once: ${part}`)
    return text.replace(part, () => instead)
  }, good)
}
