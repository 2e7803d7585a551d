import type { Evidence, Finding } from '@janus/core'
import { requestFinding } from '../request-finding.js'
import { kvmChanges } from './changes.js'
import type { CpuKvmOptions } from './options.js'
import { DEVICE, type Survey } from './survey.js'

const MOST_HOLDERS = 16

/** Whether the module for this processor is there, and with which parameters. */
export function parameterFinding(survey: Survey): Finding {
  const id = 'kvm-parameters'
  const { architecture, module, state, extension } = survey
  if (architecture !== 'x86' || module === undefined) {
    const summary =
      architecture === 'other'
        ? 'the host is not x86: KVM needs no module of its own'
        : 'the host does not show its processor'
    return { id, status: 'skipped', summary, evidence: [{ path: '/proc/cpuinfo' }] }
  }
  const path = `/sys/module/${module}`
  if (state === 'unknown')
    return {
      id,
      status: 'skipped',
      summary: `the host does not show whether ${module} is loaded`,
      evidence: [{ path }],
    }
  if (state !== 'loaded' && state !== 'built-in') {
    if (extension === undefined) {
      const summary = `${module} is not loaded, and the processor offers neither vmx nor svm`
      return { id, status: 'skipped', summary, evidence: [{ path: '/proc/cpuinfo' }] }
    }
    const remedy =
      state === 'missing' ? 'Install the package with the remaining modules of this kernel.' : 'janus plan cpu-kvm'
    return { id, status: 'warn', summary: `${module} is not loaded`, evidence: [{ path }], remedy }
  }
  const evidence = evidenceOf(survey, module)
  const words = evidence.map(
    ({ path: parameter, value }) => `${parameter.slice(parameter.lastIndexOf('/') + 1)}=${value}`,
  )
  const summary = [`${module} is ${state === 'loaded' ? 'loaded' : 'built in'}`, ...words].join(', ')
  return { id, status: 'ok', summary, evidence: evidence.length === 0 ? [{ path, value: state }] : evidence }
}

/** Who uses KVM now: while anybody does, `nested` cannot be changed. */
export function usersFinding({ holders, references, module, state }: Survey): Finding {
  const id = 'kvm-users'
  if (module === undefined) return { id, status: 'skipped', summary: 'the host does not show its processor' }
  if (state === 'unknown' && holders.length === 0) {
    return { id, status: 'skipped', summary: `the host does not show who uses ${module}`, evidence: [{ path: DEVICE }] }
  }
  const evidence = [
    { path: `/sys/module/${module}/refcnt`, ...(references === undefined ? {} : { value: String(references) }) },
    ...holders.slice(0, MOST_HOLDERS).map(({ pid, name }) => ({ path: DEVICE, value: `process ${pid} (${name})` })),
  ]
  const names = holders.slice(0, MOST_HOLDERS).map(({ pid, name }) => `process ${pid} (${name})`)
  const users = names.length > 0 ? names.join(', ') : `${references ?? 0} users`
  const isUsed = holders.length > 0 || (references ?? 0) > 0
  return { id, status: 'ok', summary: isUsed ? `KVM is in use: ${users}` : 'no virtual machine uses KVM', evidence }
}

/** Whether what the options ask for is so already, possible, or not. */
export async function requestedFinding(survey: Survey, options: CpuKvmOptions): Promise<Finding> {
  return requestFinding(survey.host, 'kvm-requested', async () => {
    const changes = await kvmChanges(survey, options)
    const evidence = survey.module === undefined ? [] : evidenceOf(survey, survey.module)
    if (changes.length === 0) return { status: 'ok', summary: 'KVM is as asked for already', evidence }
    return { status: 'ok', summary: `possible: ${changes.map(({ why }) => why).join('; ')}`, evidence }
  })
}

function evidenceOf({ kvm, vendor }: Survey, module: string): readonly Evidence[] {
  const shown = [
    ...['ignore_msrs', 'report_ignored_msrs'].map((name) => ({
      path: `/sys/module/kvm/parameters/${name}`,
      value: kvm.get(name),
    })),
    { path: `/sys/module/${module}/parameters/nested`, value: vendor.get('nested') },
  ]
  return shown.flatMap(({ path, value }) => (value === undefined ? [] : [{ path, value }]))
}
