import { lifeCycleSuite, moduleSuite, standardAddresses } from '@janus/core/testing'
import { test } from 'vitest'
import { bootFiles } from '../src/gpu-vfio-boot/boot-files.js'
import { udevFiles } from '../src/gpu-vfio-boot/udev-files.js'
import { gpuVfioBoot } from '../src/index.js'
import { bootMachine, nvmeBinding } from './fixture/boot-machines.js'

const { nvme, nic, nicAudio, physicalFunction, virtualFunctions } = standardAddresses

const fixtures = [
  { title: 'initramfs-tools', tool: 'initramfs-tools', proves: ['boot-0000-02-00-0', 'boot-files', 'initramfs'] },
  { title: 'dracut', tool: 'dracut', proves: ['boot-0000-02-00-0', 'boot-files', 'initramfs'] },
  { title: 'mkinitcpio', tool: 'mkinitcpio', proves: ['boot-0000-02-00-0', 'boot-files', 'initramfs'] },
  { title: 'no initramfs, so udev', tool: undefined, proves: ['boot-0000-02-00-0', 'boot-files'] },
] as const

const cases = fixtures.map(({ title, tool, proves }) => ({
  title,
  kernel: () => bootMachine(tool),
  options: { devices: [nvme] },
  proves,
}))

moduleSuite({
  test,
  module: gpuVfioBoot,
  fixtures: [
    ...cases,
    {
      title: 'two functions of a card',
      kernel: () => bootMachine('initramfs-tools'),
      options: { devices: [nic], includeSiblings: [nicAudio] },
    },
  ],
})

const filesOf = (files: readonly { readonly path: string; readonly text: string }[]) =>
  Object.fromEntries(files.map(({ path, text }) => [path, text]))
const replacing = [
  {
    title: 'udev instead of the initramfs',
    kernel: () => bootMachine('initramfs-tools', { files: filesOf(bootFiles('initramfs-tools', [nvmeBinding]).files) }),
    options: { devices: [nvme], method: 'udev' },
    proves: ['boot-0000-02-00-0', 'boot-files'],
  },
  {
    title: 'the initramfs instead of udev, and of a tool that is gone',
    kernel: () => {
      const files = [...udevFiles([nvmeBinding], undefined), ...bootFiles('dracut', [nvmeBinding]).files]
      return bootMachine('initramfs-tools', { files: filesOf(files) })
    },
    options: { devices: [nvme] },
    proves: ['boot-0000-02-00-0', 'boot-files', 'initramfs'],
  },
  {
    title: 'a card by the initramfs and a virtual function by udev',
    kernel: () => {
      const model = bootMachine('initramfs-tools')
      model.write(`/sys/bus/pci/devices/${physicalFunction}/sriov_numvfs`, '1')
      return model
    },
    options: { devices: [nvme, virtualFunctions[0]] },
    proves: ['boot-0000-02-00-0', 'boot-0000-06-00-1', 'boot-files', 'initramfs'],
  },
]

lifeCycleSuite({ test, module: gpuVfioBoot, fixtures: [...cases, ...replacing] })
