import { describe, expect, it } from 'vitest'
import { insistence } from '../../src/gpu-vfio/insistence.js'
import { gpuVfioOptions } from '../../src/gpu-vfio/options.js'

describe('how a human may insist', () => {
  it.each([
    ['allowUse', ['mount'], 'allowUse: ["mount"]', '-o allowUse=mount'],
    ['allowUse', ['mount', 'swap'], 'allowUse: ["mount", "swap"]', '-o allowUse=mount -o allowUse=swap'],
    ['includeSiblings', ['0000:03:00.1'], 'includeSiblings: ["0000:03:00.1"]', '-o includeSiblings=0000:03:00.1'],
    ['disableVirtualFunctions', true, 'disableVirtualFunctions: true', '-o disableVirtualFunctions=true'],
    [
      'identities',
      { '0000:03:00.0': '10de:2204' },
      'identities: {"0000:03:00.0": "10de:2204"}',
      `-o 'identities={"0000:03:00.0":"10de:2204"}'`,
    ],
  ] as const)('with %s %j is said as JSON and as a person types it', (name, value, option, insist) => {
    expect(insistence(name, value)).toEqual({ option, insist })
    const json = option.slice(option.indexOf(' '))
    expect(gpuVfioOptions.parse({ devices: ['0000:03:00.0'], [name]: JSON.parse(json) })).toMatchObject({
      [name]: value,
    })
  })

  it('is one word of a shell, whatever the value holds', () => {
    expect(insistence('allowUse', ["it's; rm -rf /"]).insist).toBe(`-o 'allowUse=it'\\''s; rm -rf /'`)
  })
})
