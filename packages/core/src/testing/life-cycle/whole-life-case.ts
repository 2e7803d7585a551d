import assert from 'node:assert/strict'
import type { JanusModule } from '../../contract/module.js'
import type { ConformanceCase } from '../conformance/conformance-case.js'
import { callCheck } from '../conformance/module-call.js'
import { createLifeCycleMachine, type LifeCycleMachine } from './life-cycle-machine.js'
import type { LifeCycleFixture } from './life-cycle-suite.js'

/** Applied, checked, planned again, rolled back. */
export function wholeLifeCase(module: JanusModule, fixture: LifeCycleFixture): ConformanceCase {
  return {
    id: 'whole-life',
    title: `is applied, found in order, not needed again, and rolled back to the byte (${fixture.title})`,
    async run() {
      const machine = await createLifeCycleMachine(module, fixture)
      try {
        const before = machine.model.snapshot()
        const plan = await machine.plan()
        assert.notEqual(plan.changes.length, 0, 'the fixture must need changes: otherwise it shows nothing')
        await machine.apply(plan)
        await requireProof(machine, module, fixture)
        assert.deepEqual((await machine.plan()).changes, [], 'a second plan must be empty')
        await machine.rollback()
        assert.deepEqual(machine.model.snapshot(), before, 'a rollback must restore every byte')
      } finally {
        await machine.close()
      }
    },
  }
}

async function requireProof(
  { model }: LifeCycleMachine,
  module: JanusModule,
  { options, query, proves }: LifeCycleFixture,
): Promise<void> {
  const { value: findings } = await callCheck(module, { host: model.host, query: query ?? model.query, options })
  const critical = findings.filter(({ status }) => status === 'critical')
  assert.deepEqual(critical, [], 'once it is applied, nothing may be critical')
  const proofs = proves.map((id) => ({ id, status: findings.find((finding) => finding.id === id)?.status }))
  assert.deepEqual(
    proofs,
    proves.map((id) => ({ id, status: 'ok' })),
    'once it is applied, its check must find it so',
  )
}
