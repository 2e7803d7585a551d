import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { gpuVfioOptions } from '../../src/index.js'

describe('options of gpu-vfio', () => {
  it('normalise short and upper-case addresses', () => {
    const options = gpuVfioOptions.parse({ devices: ['3:00.0', '0000:0A:00.1', '10000:e1:00.0'] })
    expect(options.devices).toEqual(['0000:03:00.0', '0000:0a:00.1', '10000:e1:00.0'])
  })

  it.each([
    ['neither devices nor group', {}],
    ['both devices and group', { devices: ['0000:03:00.0'], group: '1' }],
    ['no devices', { devices: [] }],
    ['an address with a function above 7', { devices: ['0000:03:00.8'] }],
    ['an address with a colon for a dot', { devices: ['0000:82.0.0'] }],
    ['a group that is no number', { group: '../1' }],
    ['a use that has an option of its own', { devices: ['0000:03:00.0'], allowUse: ['virtual-functions'] }],
    ['the module name for the driver', { devices: ['0000:03:00.0'], driver: 'vfio_pci' }],
    ['a driver that is no VFIO driver', { devices: ['0000:03:00.0'], driver: 'nvidia' }],
    ['a path for the driver', { devices: ['0000:03:00.0'], driver: '../../vfio-pci' }],
    ['an unknown option', { devices: ['0000:03:00.0'], force: true }],
  ])('refuse %s', (_, options) => {
    expect(gpuVfioOptions.safeParse(options).success).toBe(false)
  })

  it.each(['vfio-pci', 'mlx5_vfio_pci', 'nvgrace-gpu-vfio-pci'])('take %s for a driver', (driver) => {
    expect(gpuVfioOptions.parse({ group: '3', driver }).driver).toBe(driver)
  })

  it('normalise the addresses of identities', () => {
    expect(gpuVfioOptions.parse({ group: '3', identities: { '3:00.0': '10de:2204' } }).identities).toEqual({
      '0000:03:00.0': '10de:2204',
    })
  })

  it('become a JSON schema in which every option is described', () => {
    const schema = z.toJSONSchema(gpuVfioOptions, { io: 'input' }) as {
      properties: Record<string, { description?: string }>
    }
    for (const [name, property] of Object.entries(schema.properties)) expect(property.description, name).toBeTruthy()
  })
})
