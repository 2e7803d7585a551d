import { closeSync, existsSync, openSync, readFileSync } from 'node:fs'
import { check, loadModule, unloadModule } from '../kit.mjs'
import { lifeCycle, openJanus, refusal } from './bench.mjs'

const folders = ['/sys/module/kvm', '/sys/module/kvm_amd', '/etc/modprobe.d', '/dev/kvm']

/** KVM of the processor that QEMU imitates: an AMD. */
export async function virtualMachines() {
  const janus = openJanus()
  if (existsSync('/sys/module/kvm_amd')) await unloadModule('kvm_amd')
  await lifeCycle(janus, 'KVM, which is not loaded', {
    module: 'cpu-kvm',
    options: {},
    folders,
    whileApplied: () => check('KVM is there', existsSync('/dev/kvm')),
  })
  await loadModule('kvm_amd')
  const nested = () => readFileSync('/sys/module/kvm_amd/parameters/nested', 'utf8').trim()
  const before = nested()
  await lifeCycle(janus, 'nested off, kept for later loads', {
    module: 'cpu-kvm',
    options: { nested: false, ignoreMsrs: true, persistent: true },
    folders,
    whileApplied: () => {
      const file = readFileSync('/etc/modprobe.d/janus-kvm.conf', 'utf8')
      check(
        'the file names the parameters',
        file.includes('options kvm_amd nested=0\n') && file.includes('ignore_msrs=1'),
        file,
      )
      check('nested is off', ['0', 'N'].includes(nested()), nested())
    },
  })
  check('nested is what it was', nested() === before, { before, found: nested() })

  const plan = await janus.plan('cpu-kvm', { nested: false })
  const descriptor = openSync('/dev/kvm', 'r+')
  await refusal('while a program holds /dev/kvm open it is named', 'JANUS_HOST_UNFIT', `process ${process.pid}`, () =>
    janus.plan('cpu-kvm', { nested: false }),
  )
  await refusal('a plan made before that does not start', 'JANUS_PLAN_STALE', 'kvm', () => janus.apply(plan))
  await lifeCycle(janus, 'ignored registers, while a virtual machine runs', {
    module: 'cpu-kvm',
    options: { ignoreMsrs: true, reportIgnoredMsrs: false },
    folders,
  })
  closeSync(descriptor)
  check('KVM was not touched by the refusals', nested() === before, nested())
  await janus.close()
}
