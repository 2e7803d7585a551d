import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { readBashMetadata } from '../../command-modules/read-bash-metadata.js'
import type { ConformanceCase } from '../conformance/conformance-case.js'
import { programTitled } from './program-clauses.js'
import { BARE, onProgramMachine } from './program-session.js'
import { machineStory, type Story } from './program-story.js'
import type { TestedProgram } from './program-subject.js'
import { readSourceEffects, type SourceEffects } from './source-probe.js'

const LIFECYCLE = ['janus_module_check', 'janus_module_apply', 'janus_module_rollback']
/** Names of before Module API v1, and what a dispatcher may call for `meta`. */
const OPTIONAL = ['check_capability', 'apply_config', 'rollback', 'janus_module_meta']
/** What every module in bash has by the contract: its metadata, and the logging library with the way to it. */
const COMMON = /^(JANUS_MODULE_(TYPE|ID|VERSION|COMPAT_API|SUMMARY)|JANUS_LOG_.*|janus_log.*|SCRIPT_DIR)$/

/** What a file must hold to that bash can source. */
export function bashCases(subject: TestedProgram): readonly ConformanceCase[] {
  let effects: Promise<SourceEffects> | undefined
  const effectsOnce = (): Promise<SourceEffects> => {
    effects ??= effectsOf(subject)
    return effects
  }
  return [
    {
      ...programTitled('bash-functions'),
      async run() {
        const { functions } = await effectsOnce()
        const missing = LIFECYCLE.filter((name) => !functions.includes(name))
        assert.deepEqual(missing, [], 'these functions must be defined')
      },
    },
    {
      ...programTitled('bash-source-silent'),
      async run() {
        await onProgramMachine(subject, BARE, async ({ probe, state }) => {
          const before = await state()
          const effects = readSourceEffects((await probe()).stdout)
          assert.ok(effects !== undefined, 'sourcing it ended the shell')
          assert.equal(effects.printed, '', 'sourcing it must print nothing')
          assert.deepEqual(await state(), before)
        })
      },
    },
    {
      ...programTitled('bash-shell-options'),
      async run() {
        const { changed } = await effectsOnce()
        assert.deepEqual(changed, [], 'set options only where the file is executed, not sourced')
      },
    },
    {
      ...programTitled('bash-names'),
      async run() {
        const { functions, variables } = await effectsOnce()
        const { id = '' } = readBashMetadata(await readFile(subject.file, 'utf8'))
        const prefix = `${id.replaceAll('-', '_')}_`
        const isOwn = (name: string) => name.toLowerCase().replace(/^_+/, '').startsWith(prefix)
        const allowed = [...LIFECYCLE, ...OPTIONAL]
        const strange = [...functions, ...variables].filter(
          (name) => !allowed.includes(name) && !COMMON.test(name) && !isOwn(name),
        )
        assert.deepEqual(strange, [], `names must begin with ${prefix}`)
      },
    },
    ...subject.fixtures.map((fixture) => {
      const [sourced, executed] = [
        machineStory(subject, fixture),
        machineStory(subject, fixture, { mode: 'execute' }),
      ] as const
      return {
        ...programTitled('bash-modes-agree', fixture.title),
        run: async () => assert.deepEqual(courseOf(await executed()), courseOf(await sourced())),
      }
    }),
  ]
}

async function effectsOf(subject: TestedProgram): Promise<SourceEffects> {
  const { stdout } = await onProgramMachine(subject, BARE, ({ probe }) => probe())
  const effects = readSourceEffects(stdout)
  assert.ok(effects !== undefined, 'sourcing it ended the shell')
  return effects
}

/** The exit codes and the machine after each step. */
function courseOf({ answers, states }: Story) {
  return { exitCodes: Object.values(answers).map(({ exitCode }) => exitCode), states }
}
