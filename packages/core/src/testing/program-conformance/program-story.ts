import type { MachineState } from './machine-state.js'
import type { MachineAnswer } from './program-machine.js'
import { type ActOptions, onProgramMachine } from './program-session.js'
import type { ProgramFixture, TestedProgram } from './program-subject.js'

/** What became of one machine: check, apply, apply again, rollback. */
export interface Story {
  readonly answers: Readonly<Record<'check' | 'apply' | 'second apply' | 'rollback', MachineAnswer>>
  readonly states: Readonly<Record<'before' | 'checked' | 'applied' | 'appliedTwice' | 'rolledBack', MachineState>>
}

/** Tells the story of a fixture when it is first asked for, and the same again: several cases judge one course of events. */
export function machineStory(
  subject: TestedProgram,
  fixture: ProgramFixture,
  options: ActOptions = {},
): () => Promise<Story> {
  let told: Promise<Story> | undefined
  return () => {
    told ??= tell(subject, fixture, options)
    return told
  }
}

function tell(subject: TestedProgram, fixture: ProgramFixture, options: ActOptions): Promise<Story> {
  return onProgramMachine(subject, fixture, async ({ act, state }) => {
    const before = await state()
    const check = await act('check', options)
    const checked = await state()
    const apply = await act('apply', options)
    const applied = await state()
    const secondApply = await act('apply', options)
    const appliedTwice = await state()
    const rollback = await act('rollback', options)
    const rolledBack = await state()
    return {
      answers: { check, apply, 'second apply': secondApply, rollback },
      states: { before, checked, applied, appliedTwice, rolledBack },
    }
  })
}
