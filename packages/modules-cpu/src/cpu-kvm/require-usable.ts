import { janusError, type KernelModules } from '@janus/core'
import type { Survey } from './survey.js'

const CPUINFO = '/proc/cpuinfo'
const INSTALL =
  'Install the package with the remaining modules of this kernel, or boot into the installed kernel if it was upgraded.'

/**
 * Refuses a host on which KVM cannot be loaded.
 * @returns the module of the processor's vendor
 * @throws JANUS_HOST_UNFIT; JANUS_HOST_LACKS_FEATURE without x86, vmx or svm; JANUS_HOST_UNREADABLE where the host shows no
 * processor or not its modules
 */
export function requireUsable(survey: Survey): string {
  const { host, architecture, module, extension, state, modules } = survey
  if (architecture === 'other') {
    throw lacks(
      `${host.description} is not x86: KVM has no module of its own there`,
      '/proc/sys/kernel/arch',
      'Nothing is to be loaded.',
    )
  }
  if (architecture === 'unknown' || module === undefined || (state === 'unknown' && extension !== undefined)) {
    const message = `${host.description} does not show its processor or its kernel modules (${CPUINFO}, /proc/modules)`
    throw janusError('JANUS_HOST_UNREADABLE', message, { data: { path: CPUINFO } })
  }
  if (state === 'loaded' || state === 'built-in') return module
  if (extension === undefined) throw withoutExtension(survey)
  requireAllowed(modules, module)
  if (state === 'missing') {
    throw unfit(
      `${module} is neither loaded nor among the modules of the running kernel`,
      `/sys/module/${module}`,
      INSTALL,
    )
  }
  return module
}

/** Only where the firmware is seen to be the reason the host could do what it refuses. */
function withoutExtension({ isGuest, isSwitchedOff }: Survey): Error {
  const remedy =
    'Enable Intel VT-x or AMD-V (SVM) in the firmware setup, and switch the machine off and on: the firmware locks the setting at power-on.'
  if (isGuest) {
    const onTheOuter = 'This host is itself a virtual machine: allow nested virtualization on the machine that runs it.'
    return lacks('the host is a virtual machine that was not given vmx or svm', CPUINFO, onTheOuter)
  }
  if (isSwitchedOff)
    return unfit('the processor has svm, but the firmware has switched it off and locked it', CPUINFO, remedy)
  return lacks(
    'the processor offers neither vmx nor svm: it has none, or the firmware has switched it off and locked it',
    CPUINFO,
    `Where the processor has one: ${remedy}`,
  )
}

function requireAllowed(modules: KernelModules, module: string): void {
  const place = [module, 'kvm'].map((name) => modules.blacklisted(name)).find((found) => found !== undefined)
  if (place !== undefined)
    throw unfit(`${module} is not to be loaded: ${place} forbids it`, place, `Take it out of ${place}.`)
}

/**
 * Refuses to take a module out of the kernel while a virtual machine runs on it, or when it could not be loaded again:
 * neither with the new value nor with the old one.
 * @throws JANUS_HOST_UNFIT naming who uses it, what forbids it, that its file is gone, or that it is built in
 */
export function requireReloadable(survey: Survey, module: string): void {
  const { state, references = 0, holders, modules } = survey
  if (state === 'built-in') {
    const remedy = `Give the kernel command line ${module}.nested=1 or 0 and boot again.`
    throw unfit(
      `${module} is built into the kernel: nested can only be chosen at boot`,
      `/sys/module/${module}`,
      remedy,
    )
  }
  requireAllowed(modules, module)
  if (modules.isInstalled(module) === false) {
    const message = `nested can only be changed by loading ${module} again, and it is not among the modules of the running kernel any more: what is loaded could not come back`
    throw unfit(message, `/sys/module/${module}`, INSTALL)
  }
  if (references === 0 && holders.length === 0) return
  const names = holders.map(({ pid, name }) => `process ${pid} (${name})`).join(', ')
  const users = names === '' ? `/sys/module/${module}/refcnt is ${references}` : `${names} holds /dev/kvm open`
  throw unfit(
    `nested can only be changed by loading ${module} again, and it is in use: ${users}`,
    `/sys/module/${module}/refcnt`,
    'Shut every virtual machine down first.',
  )
}

function unfit(message: string, path: string, remedy: string): Error {
  return janusError('JANUS_HOST_UNFIT', message, { data: { path }, remedy })
}

function lacks(message: string, path: string, remedy: string): Error {
  return janusError('JANUS_HOST_LACKS_FEATURE', message, { data: { path }, remedy })
}
