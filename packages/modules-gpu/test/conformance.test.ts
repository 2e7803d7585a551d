import { createKernelModel, moduleSuite, standardAddresses, standardMachine } from '@janus/core/testing'
import { test } from 'vitest'
import {
  gpuFramebuffer,
  gpuIommu,
  gpuIommuEnable,
  gpuNvidiaRelease,
  gpuReset,
  gpuSriov,
  gpuTemplate,
  gpuVfio,
} from '../src/index.js'
import { grubFiles, machineWith, systemdBootFiles } from './fixture/boot-files.js'
import { runtimeFixtures } from './fixture/runtime-fixtures.js'

const { nic, nicAudio, nvme, display, displayAudio, physicalFunction } = standardAddresses

const machines = [
  { title: 'the lab machine', kernel: () => createKernelModel(standardMachine()) },
  {
    title: 'the lab machine on 6.12, vfio-pci loaded',
    kernel: () => createKernelModel(standardMachine({ personality: '6.12', vfio: 'loaded' })),
  },
] as const

const targets = [
  { title: 'a network card with its sibling', options: { devices: [nic], includeSiblings: [nicAudio] } },
  { title: 'two functions in the other order', options: { devices: [nicAudio, nic] } },
  { title: 'an NVMe drive', options: { devices: [nvme] } },
  {
    title: 'the only display with its audio',
    options: { devices: [display, displayAudio], allowUse: ['only-display'] },
    accept: ['display-session'],
  },
  { title: 'a physical function', options: { devices: [physicalFunction] } },
  { title: 'a group', options: { group: '9' } },
]

moduleSuite({
  test,
  module: gpuVfio,
  fixtures: machines.flatMap(({ title, kernel }) =>
    targets.map((target) => ({ ...target, title: `${target.title}, ${title}`, kernel })),
  ),
})

moduleSuite({
  test,
  module: gpuIommu,
  fixtures: [
    ...machines,
    {
      title: 'the lab machine without an IOMMU',
      kernel: () => createKernelModel(standardMachine({ iommu: 'absent' })),
    },
  ],
})

for (const module of [gpuFramebuffer, gpuNvidiaRelease, gpuReset, gpuSriov, gpuTemplate]) {
  const own = runtimeFixtures[module.metadata.id as keyof typeof runtimeFixtures]
  moduleSuite({
    test,
    module,
    fixtures: [...own, { title: 'the lab machine, nothing asked', kernel: machines[0].kernel }],
  })
}

moduleSuite({
  test,
  module: gpuIommuEnable,
  fixtures: [
    { title: 'GRUB', kernel: () => machineWith(grubFiles), options: { passthrough: true } },
    { title: 'systemd-boot', kernel: () => machineWith(systemdBootFiles), options: {} },
  ],
})
