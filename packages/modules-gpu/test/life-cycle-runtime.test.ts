import { lifeCycleSuite } from '@janus/core/testing'
import { test } from 'vitest'
import { gpuFramebuffer, gpuNvidiaRelease, gpuReset, gpuSriov, gpuTemplate } from '../src/index.js'
import { runtimeFixtures } from './fixture/runtime-fixtures.js'

for (const module of [gpuFramebuffer, gpuNvidiaRelease, gpuReset, gpuSriov, gpuTemplate]) {
  lifeCycleSuite({ test, module, fixtures: runtimeFixtures[module.metadata.id as keyof typeof runtimeFixtures] })
}
