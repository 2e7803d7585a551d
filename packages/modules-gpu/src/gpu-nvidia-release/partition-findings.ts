import type { Finding, Host } from '@janus/core'
import { addressInId, deviceWords } from '../device-words.js'
import { listWords } from '../list-words.js'
import type { Survey } from './survey.js'

const CAPABILITIES = '/proc/driver/nvidia/capabilities'

/** What lives on the cards besides open descriptors: virtual functions, MIG instances, mediated devices. */
export async function partitionFindings(host: Host, { held }: Survey): Promise<readonly Finding[]> {
  const mig = await migInstances(host)
  const findings: Finding[] = []
  for (const device of held) {
    const enabled = device.virtualFunctions?.enabled ?? 0
    if (enabled > 0) {
      findings.push({
        id: `virtual-functions-${addressInId(device)}`,
        status: 'warn',
        summary: `${deviceWords(device)} has ${enabled} virtual functions on`,
        evidence: [{ path: `${device.path}/sriov_numvfs`, value: String(enabled) }],
        remedy: `Turn them off first: janus plan gpu-sriov -o devices=${device.address} -o functions=0`,
      })
    }
    const mediated = await mediatedDevices(host, device.path)
    if (mediated.length > 0) {
      findings.push({
        id: `vgpu-${addressInId(device)}`,
        status: 'warn',
        summary: `${deviceWords(device)} carries the vGPUs ${listWords(mediated)}`,
        evidence: [{ path: device.path }],
        remedy: 'Shut down their machines and remove the mediated devices.',
      })
    }
  }
  if (mig.length > 0 && held.length > 0) {
    findings.push({
      id: 'mig',
      status: 'warn',
      summary: `there are MIG instances: ${listWords(mig)}`,
      evidence: [{ path: CAPABILITIES }],
      remedy: 'Destroy them with nvidia-smi mig; they do not outlive the driver.',
    })
  }
  return findings
}

/** A mediated device is a directory below its parent, called by its UUID. */
async function mediatedDevices(host: Host, path: string): Promise<readonly string[]> {
  const names = (await host.list(path)).value ?? []
  return names.filter((name) => /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(name))
}

async function migInstances(host: Host): Promise<readonly string[]> {
  const gpus = ((await host.list(CAPABILITIES)).value ?? []).filter((name) => /^gpu\d+$/.test(name))
  const instances: string[] = []
  for (const gpu of gpus) {
    const names = (await host.list(`${CAPABILITIES}/${gpu}/mig`)).value ?? []
    instances.push(...names.filter((name) => /^gi\d+$/.test(name)).map((name) => `${gpu}/${name}`))
  }
  return instances
}
