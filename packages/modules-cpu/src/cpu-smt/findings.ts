import { type Finding, formatCpuList, type Query } from '@janus/core'
import { requestFinding } from '../request-finding.js'
import { CANNOT, smtChanges } from './changes.js'
import type { CpuSmtOptions } from './options.js'
import { ACTIVE, CONTROL, type Survey } from './survey.js'

/** Whether cores have second threads now, and which. */
export function threadsFinding({ control, active, secondary }: Survey): Finding {
  const id = 'smt'
  if (control === undefined)
    return {
      id,
      status: 'skipped',
      summary: 'the host does not show the switch of its threads',
      evidence: [{ path: CONTROL }],
    }
  const evidence = [
    { path: CONTROL, value: control },
    { path: ACTIVE, ...(active === undefined ? {} : { value: active }) },
  ]
  const cannot = CANNOT[control]
  if (cannot !== undefined && control !== 'forceoff')
    return { id, status: 'skipped', summary: `there are no threads to switch: ${cannot}`, evidence }
  const threads =
    secondary.length === 0
      ? 'no core has a second thread online'
      : `CPU ${formatCpuList(secondary)} are second threads of their cores`
  return { id, status: 'ok', summary: `the switch is ${control}; ${threads}`, evidence }
}

/** Whether what the options ask for is so already, possible, or not. */
export async function requestedFinding(survey: Survey, query: Query, options: CpuSmtOptions): Promise<Finding> {
  const id = 'smt-requested'
  const { control } = survey
  const isAbsent = control === undefined || control === 'notsupported' || control === 'notimplemented'
  if (isAbsent) {
    const summary = `there is nothing to switch: ${CANNOT[control ?? ''] ?? 'the host does not show the switch'}`
    return {
      id,
      status: 'skipped',
      summary,
      evidence: [{ path: CONTROL, ...(control === undefined ? {} : { value: control }) }],
    }
  }
  return requestFinding(survey.host, id, async () => {
    const changes = await smtChanges(survey, query, options)
    const evidence = [{ path: CONTROL, value: control }]
    if (changes.length === 0) return { status: 'ok', summary: `the threads are ${options.smt} already`, evidence }
    return { status: 'ok', summary: `possible: ${changes.map(({ why }) => why).join('; ')}`, evidence }
  })
}
