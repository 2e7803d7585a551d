import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createKernelModel, standardAddresses, standardMachine } from '@janus/core/testing'
import { describe, expect, it } from 'vitest'
import { gpuTemplate } from '../../src/index.js'
import { runOn } from '../fixture/run-module.js'

const packages = join(import.meta.dirname, '../../..')

describe('gpu-template', () => {
  it('is what the reference calls it', () => {
    expect(gpuTemplate.metadata).toMatchObject({ id: 'gpu-template', type: 'gpu', compatApi: 1 })
  })

  it('lists the displays in a file under /run, as a whole', async () => {
    const changes = await runOn(gpuTemplate, createKernelModel(standardMachine())).apply({})
    expect(changes).toMatchObject([
      {
        kind: 'write-file',
        path: '/run/janus-gpu-template.txt',
        content: { text: `Displays of this host\n${standardAddresses.display} 1234:1111 bochs-drm\n` },
        scope: 'runtime',
      },
    ])
  })

  it('has the parts of the module that npm create @janus/module makes, in the same order', async () => {
    const ours = await readFile(join(packages, 'modules-gpu/src/gpu-template/module.ts'), 'utf8')
    const made = await readFile(join(packages, 'create-module/templates/typescript/src/index.ts'), 'utf8')
    expect(partsOf(ours)).toEqual(partsOf(made))
    expect(partsOf(ours)).toEqual([
      'metadata',
      'id',
      'type',
      'version',
      'compatApi',
      'summary',
      'options',
      'check',
      'apply',
    ])
  })

  it('is shown whole in its page', async () => {
    const ours = await readFile(join(packages, 'modules-gpu/src/gpu-template/module.ts'), 'utf8')
    const page = await readFile(join(packages, '../docs/modules/gpu-template.md'), 'utf8')
    expect(page).toContain(ours.trimEnd())
  })
})

/** Members of the definition and of its metadata. */
function partsOf(source: string): readonly string[] {
  return [
    ...source.matchAll(
      /^(?: {2}| {4})(?:async )?(metadata|id|type|version|compatApi|summary|options|check|apply)[:(]/gm,
    ),
  ].map(([, name]) => name ?? '')
}
