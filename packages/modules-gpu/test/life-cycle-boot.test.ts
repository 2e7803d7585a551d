import { lifeCycleSuite, moduleSuite, standardAddresses } from '@janus/core/testing'
import { test } from 'vitest'
import { gpuVfioBoot } from '../src/index.js'
import { bootMachine } from './fixture/boot-machines.js'

const { nvme, nic, nicAudio } = standardAddresses

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

lifeCycleSuite({ test, module: gpuVfioBoot, fixtures: cases })
