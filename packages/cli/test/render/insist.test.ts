import { janusError } from '@janus/core'
import { describe, expect, test } from 'vitest'
import { describeFailure } from '../../src/failure.js'
import { readAssignments } from '../../src/module-options.js'
import { remedyOfRefusals } from '../../src/render/insist.js'

const remedyOf = (option: string) => remedyOfRefusals({ refusals: [{ remedy: 'Free it.', option }] })

describe('what a human may insist with', () => {
  test.each([
    ['includeSiblings: ["0000:03:00.1"]', '-o includeSiblings=0000:03:00.1'],
    ['allowUse: ["mount", "swap"]', '-o allowUse=mount -o allowUse=swap'],
    ['disableVirtualFunctions: true', '-o disableVirtualFunctions=true'],
    ['identities: {"0000:03:00.0": "10de:2204"}', `-o 'identities={"0000:03:00.0":"10de:2204"}'`],
    ['something else', 'something else'],
    ['broken: [', 'broken: ['],
  ])('is said as the command line takes it: %s', (option, words) => {
    expect(remedyOf(option)).toBe(`Free it. If you insist: ${words}.`)
  })

  test('is read back as the option that was meant', () => {
    const schema = { properties: { includeSiblings: { type: 'array', items: { type: 'string' } } } }
    expect(readAssignments(['includeSiblings=0000:03:00.1'], schema)).toEqual({ includeSiblings: ['0000:03:00.1'] })
  })

  test('stands in the remedy of the failure, each refusal once', () => {
    const refusals = [
      { remedy: 'Free it.', option: 'allowUse: ["mount"]' },
      { remedy: 'Move it.' },
      { remedy: 'Move it.' },
    ]
    const error = janusError('JANUS_DEVICE_REFUSED', 'no', { remedy: 'in JSON', data: { refusals } })
    const remedy = 'Free it. If you insist: -o allowUse=mount. Move it.'
    expect(describeFailure(error, undefined).diagnostics[0]).toMatchObject({ remedy })
    const other = janusError('JANUS_DEVICE_REFUSED', 'no', { remedy: 'as it is', data: { refusals: [{ remedy: 1 }] } })
    expect(describeFailure(other, undefined).diagnostics[0]).toMatchObject({ remedy: 'as it is' })
  })
})
