import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { outputLines } from '../../command-modules/log-lines.js'
import { metadataProblem, type StatedMetadata } from '../../command-modules/program-metadata.js'
import { readBashMetadata } from '../../command-modules/read-bash-metadata.js'
import { readMeta } from '../../command-modules/read-meta.js'
import { createSandbox } from '../../sandbox/index.js'
import type { ConformanceCase } from '../conformance/conformance-case.js'
import { type RunnerTest, registerCases } from '../contract-suites/register-cases.js'
import { bashCases } from './bash-cases.js'
import { programTitled } from './program-clauses.js'
import type { MachineAnswer } from './program-machine.js'
import { PROGRAM_PLACES } from './program-machine.js'
import { BARE, onProgramMachine } from './program-session.js'
import { machineStory, type Story } from './program-story.js'
import { isBash, type ProgramFixture, type ProgramSubject, type TestedProgram } from './program-subject.js'

/** What {@link programSuite} takes. */
export interface ProgramSuiteOptions extends ProgramSubject {
  /** The runner's own: `test` of node:test or vitest, or anything like it. */
  readonly test: RunnerTest
}

const ACTIONS = ['check', 'apply', 'rollback'] as const
const LITTER = /^\/(tmp|var\/tmp|home|root)\//
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f]/

/**
 * Registers the conformance suite of Module API v1 for a module that is a program. It runs on machines that exist in a
 * folder only, in a sandbox, so it needs bubblewrap.
 */
export function programSuite({ test, ...subject }: ProgramSuiteOptions): void {
  registerCases(test, programCases(subject))
}

/** The same cases for somebody who runs them without a test runner. */
export function programCases(tested: ProgramSubject): readonly ConformanceCase[] {
  const subject: TestedProgram = { ...tested, sandbox: createSandbox() }
  return [
    ...statementCases(subject),
    ...bareCases(subject),
    ...subject.fixtures.flatMap((fixture) => fixtureCases(subject, fixture)),
    ...(isBash(subject.file) ? bashCases(subject) : []),
  ]
}

function statementCases(subject: TestedProgram): readonly ConformanceCase[] {
  return [
    {
      ...programTitled('program-metadata'),
      async run() {
        const stated = await statedMetadata(subject)
        assert.equal(stated.problem ?? metadataProblem(stated)?.what, undefined)
      },
    },
    {
      ...programTitled('program-meta'),
      async run() {
        const { type, id, version, compatApi } = await statedMetadata(subject)
        const answer = await onProgramMachine(subject, BARE, ({ act }) => act('meta', { mode: 'execute' }))
        requireExit(answer, [0], 'meta')
        const { functions: _, contradiction, ...meta } = readMeta(answer.stdout)
        assert.equal(contradiction, undefined, `meta states ${contradiction} twice`)
        assert.deepEqual(meta, { type, id, version, compatApi }, 'meta must print what the text states')
      },
    },
    {
      ...programTitled('program-usage'),
      async run() {
        const answer = await onProgramMachine(subject, BARE, ({ act }) => act('make-coffee', { mode: 'execute' }))
        requireExit(answer, [1], 'an unknown action')
        assert.notEqual(`${answer.stdout}${answer.stderr}`.trim(), '', 'it must say which actions there are')
      },
    },
  ]
}

function bareCases(subject: TestedProgram): readonly ConformanceCase[] {
  return [
    {
      ...programTitled('program-check-answers-anywhere'),
      async run() {
        requireExit(await onProgramMachine(subject, BARE, ({ act }) => act('check')), [0, 1], 'check')
      },
    },
    {
      ...programTitled('program-path-with-spaces'),
      async run() {
        const codes = await onProgramMachine(subject, BARE, async ({ act }) => [
          (await act('check', { mode: 'execute' })).exitCode,
          (await act('check', { mode: 'execute', place: 'spaced' })).exitCode,
        ])
        assert.equal(codes[1], codes[0], `check must end alike in ${JSON.stringify(PROGRAM_PLACES.spaced)}`)
      },
    },
  ]
}

function fixtureCases(subject: TestedProgram, fixture: ProgramFixture): readonly ConformanceCase[] {
  const story = machineStory(subject, fixture)
  const told = (id: Parameters<typeof programTitled>[0], judge: (told: Story) => void): ConformanceCase => ({
    ...programTitled(id, fixture.title),
    run: async () => judge(await story()),
  })
  const always = [
    told('program-check-changes-nothing', ({ states }) => assert.deepEqual(states.checked, states.before)),
    told('program-log-lines', ({ answers }) => {
      for (const [action, answer] of Object.entries(answers)) requireLogLines(action, answer)
    }),
    told('program-no-colour', ({ answers }) => {
      for (const [action, { stdout, stderr }] of Object.entries(answers)) {
        assert.doesNotMatch(`${stdout}${stderr}`, CONTROL, `${action} must print plain text`)
      }
    }),
    told('program-no-litter', ({ states }) => {
      const left = Object.keys(states.applied).filter((path) => LITTER.test(path) && !(path in states.before))
      assert.deepEqual(left, [])
    }),
    noWaiting(subject, fixture),
    rollbackWithoutApply(subject, fixture),
  ]
  if (fixture.refuses === true) {
    const refuses = told('program-apply-refuses', ({ answers, states }) => {
      requireExit(answers.apply, [1], 'apply')
      assert.deepEqual(states.applied, states.checked)
    })
    return [...always, refuses]
  }
  return [
    ...always,
    told('program-exit-codes', ({ answers }) => {
      requireExit(answers.check, [0, 1], 'check')
      requireExit(answers.apply, [0], 'apply')
      requireExit(answers.rollback, [0], 'rollback')
    }),
    told('program-apply-twice', ({ answers, states }) => {
      requireExit(answers['second apply'], [0], 'the second apply')
      assert.deepEqual(states.appliedTwice, states.applied)
    }),
    told('program-rollback-restores', ({ states }) => assert.deepEqual(states.rolledBack, states.checked)),
    failureTold(subject, fixture, story),
  ]
}

function noWaiting(subject: TestedProgram, fixture: ProgramFixture): ConformanceCase {
  return {
    ...programTitled('program-no-waiting', fixture.title),
    run: () =>
      onProgramMachine(subject, fixture, async ({ act }) => {
        for (const action of ACTIONS) {
          const { timedOut } = await act(action, { endlessInput: true })
          assert.ok(!timedOut, `${action} waits for input that does not come`)
        }
      }),
  }
}

function rollbackWithoutApply(subject: TestedProgram, fixture: ProgramFixture): ConformanceCase {
  return {
    ...programTitled('program-rollback-without-apply', fixture.title),
    run: () =>
      onProgramMachine(subject, fixture, async ({ act, state }) => {
        const before = await state()
        // Options that cannot be understood may be refused in either direction.
        requireExit(await act('rollback'), fixture.refuses === true ? [0, 1] : [0], 'rollback')
        assert.deepEqual(await state(), before)
      }),
  }
}

function failureTold(subject: TestedProgram, fixture: ProgramFixture, story: () => Promise<Story>): ConformanceCase {
  return {
    ...programTitled('program-failure-told', fixture.title),
    async run() {
      const { states } = await story()
      const needsNothing = JSON.stringify(states.applied) === JSON.stringify(states.checked)
      if (needsNothing) return
      const answer = await onProgramMachine(subject, fixture, ({ act }) => act('apply', { readOnly: true }))
      assert.notEqual(answer.exitCode, 0, 'nothing could be written and apply ended with 0')
    },
  }
}

function requireLogLines(action: string, { stdout, stderr }: MachineAnswer): void {
  for (const { level, message } of [...outputLines(stdout), ...outputLines(stderr)]) {
    assert.ok(level, `${action} printed ${JSON.stringify(message)}: it must go through janus_log`)
  }
}

function requireExit(answer: MachineAnswer, wanted: readonly number[], what: string): void {
  if (wanted.includes(answer.exitCode ?? -1)) return
  const ended = answer.timedOut ? 'did not end in time' : `ended with ${answer.exitCode ?? 'a signal'}`
  const said = `${answer.stdout}${answer.stderr}`.trim().slice(-500)
  assert.fail(`${what} ${ended}, not with ${wanted.join(' or ')}${said === '' ? '' : `; it said: ${said}`}`)
}

async function statedMetadata(subject: TestedProgram): Promise<StatedMetadata & { readonly problem?: string }> {
  const { file, stated } = subject
  if (stated !== undefined) return { ...stated, compatApi: '1' }
  if (isBash(file)) return readBashMetadata(await readFile(file, 'utf8'))
  return readMeta((await onProgramMachine(subject, BARE, ({ act }) => act('meta', { mode: 'execute' }))).stdout)
}
