import { createJanus, defineModule } from '../../../packages/core/dist/index.js'
import { check } from './report.mjs'

/**
 * Runs modules through the built packages: `roundTrip` there, so, back to the byte; `refused` before anything is touched.
 * @param readState all that they may change, as an object of plain values
 */
export function createRounds({ modules, readState }) {
  // `check` of the SDK asks modules without options; this one passes the question on.
  let asked
  const asking = defineModule({
    metadata: {
      type: modules[0].metadata.type,
      id: 'lab-asks',
      version: '0.1.0',
      compatApi: 1,
      summary: 'asks another module',
    },
    options: modules[0].options,
    check: (context) => asked.module.check({ ...context, options: asked.module.options.parse(asked.options) }),
  })
  const janus = createJanus({ sources: [...modules, asking].map((module) => ({ kind: 'module', module })) })

  async function findings(module, options) {
    asked = { module, options }
    const report = await janus.check({ modules: ['lab-asks'] })
    return report.modules[0]?.findings ?? report.diagnostics
  }

  /**
   * @param about ids of the findings that say whether what was asked for is so
   * @param between what is looked at while it is applied, given the transaction's result
   */
  async function roundTrip(title, module, options, { about, between, states = ['holds'] }) {
    const before = readState()
    const possible = await findings(module, options)
    check(`${title}: nothing is critical beforehand`, !possible.some(({ status }) => status === 'critical'), possible)
    const plan = await janus.plan(module.metadata.id, options)
    check(
      `${title}: there is something to do, and planning it changed nothing`,
      plan.changes.length > 0 && differences(before, readState()).length === 0,
      plan.changes,
    )
    const applied = await janus.apply(plan).catch((error) => error)
    if (!check(`${title}: apply succeeds`, applied.outcome === 'applied', applied.message)) return
    const status = await janus.status()
    const unexpected = status.drift.filter(({ state }) => !states.includes(state))
    check(`${title}: status is clean`, status.clean && unexpected.length === 0, status.drift)
    for (const state of states)
      check(
        `${title}: status says ${state}`,
        status.drift.some((entry) => entry.state === state),
        status.drift,
      )
    const after = (await findings(module, options)).filter(({ id }) => about.includes(id))
    check(`${title}: check finds it so`, after.length > 0 && after.every(({ status: found }) => found === 'ok'), after)
    const again = await janus.plan(module.metadata.id, options)
    check(`${title}: a second plan is empty`, again.changes.length === 0, again.changes)
    await between?.(plan)
    const reports = await janus.rollback({ transaction: applied.transaction })
    check(
      `${title}: rollback succeeds`,
      reports.every(({ outcome }) => outcome === 'undone'),
      reports,
    )
    const left = differences(before, readState())
    check(`${title}: afterwards everything is as before, byte for byte`, left.length === 0, left)
  }

  async function refused(title, module, options, words, code = 'JANUS_HOST_UNFIT') {
    const before = readState()
    const error = await janus.plan(module.metadata.id, options).then(
      () => undefined,
      (reason) => reason,
    )
    check(`${title} is refused`, error?.code === code && words.test(error.message), error?.message)
    const found = await findings(module, options)
    const expected = code === 'JANUS_HOST_LACKS_FEATURE' ? 'skipped' : 'critical'
    check(
      `${title}: check calls it ${expected}`,
      found.some(({ status, summary }) => status === expected && words.test(summary)),
      found,
    )
    check(`${title}: nothing changed`, differences(before, readState()).length === 0)
  }

  return { janus, roundTrip, refused, differences }
}

function differences(left, right) {
  const keys = [...new Set([...Object.keys(left), ...Object.keys(right)])]
  return keys
    .filter((key) => JSON.stringify(left[key]) !== JSON.stringify(right[key]))
    .map((key) => ({ key, before: left[key], after: right[key] }))
}
