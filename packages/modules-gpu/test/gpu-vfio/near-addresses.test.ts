import type { PciAddress, PciDevice } from '@janus/core'
import { describe, expect, it } from 'vitest'
import { nearAddresses } from '../../src/gpu-vfio/near-addresses.js'

describe('nearAddresses', () => {
  const devices = ['0000:01:00.0', '0000:01:00.1', '0000:41:00.0', '10000:e1:00.0', '0000:81:1f.7'].map(
    (address) => ({ address: address as PciAddress }) as PciDevice,
  )

  it.each([
    ['another function of the same slot', '0000:01:00.2', ['0000:01:00.0', '0000:01:00.1']],
    ['the same slot in another domain', '0001:e1:00.0', ['10000:e1:00.0']],
    ['an address with one other digit', '0000:40:00.0', ['0000:41:00.0']],
    ['an address with two digits changed places', '0000:10:00.0', ['0000:01:00.0', '0000:41:00.0']],
    ['nothing when nothing is near', '0000:c3:0a.4', []],
  ])('finds %s', (_, wanted, near) => {
    expect(nearAddresses(wanted as PciAddress, devices)).toEqual(near)
  })
})
