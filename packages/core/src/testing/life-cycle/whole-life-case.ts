import assert from 'node:assert/strict'
import type { JanusModule } from '../../contract/module.js'
import type { Plan } from '../../contract/plan.js'
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
        requireWatchedFiles(plan)
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

/**
 * `status` tells of a file that somebody has changed since only where a condition names it; none at all has to be said. What was
 * there before may be somebody else's, as the configuration of a boot loader is: what it is to say shows in what is made of it.
 */
function requireWatchedFiles({ changes }: Plan): void {
  for (const change of changes) {
    if (change.scope !== 'persistent' || (change.kind !== 'write-file' && change.kind !== 'remove-file')) continue
    if (change.kind === 'write-file' && change.from !== null) continue
    const { kind, path, verify } = change
    const isWatched = verify?.length === 0 || verify?.some((condition) => condition.path === path) === true
    assert.ok(
      isWatched,
      `${kind} ${path} needs a condition on it in verify, or an empty verify where people may change it`,
    )
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
