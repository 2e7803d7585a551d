import { describe, expect, it } from 'vitest'
import { createKernelModel, standardAddresses, standardMachine } from '../../../src/testing/index.js'

const { physicalFunction, virtualFunctions } = standardAddresses

describe('virtual functions without a driver', () => {
  it.each([
    ['0', '1', 'late'],
    ['0', '0', null],
    ['1', '0', null],
  ])(
    'a driver that is registered after virtual functions looks at them by autoprobe as it is then (%s, then %s)',
    (created, registered, driver) => {
      const late = { name: 'late', drivers: [{ name: 'late', ids: ['1b36:0099'] }] }
      const standard = standardMachine()
      const devices = standard.devices?.map((device) => ({
        ...device,
        ...(device.virtualFunctions === undefined
          ? {}
          : {
              virtualFunctions: device.virtualFunctions.map((spec) => ({ ...spec, device: '0099', class: '00ff00' })),
            }),
      }))
      const model = createKernelModel({
        ...standard,
        devices: devices ?? [],
        modules: [...(standard.modules ?? []), late],
      })
      const folder = `/sys/bus/pci/devices/${physicalFunction}`
      model.write(`${folder}/sriov_drivers_autoprobe`, created)
      model.write(`${folder}/sriov_numvfs`, '2')
      model.write(`${folder}/sriov_drivers_autoprobe`, registered)
      const [first, second] = virtualFunctions
      model.write(`/sys/bus/pci/devices/${second}/driver_override`, 'late')
      expect(model.loadModule('late')).toBe('ok')
      // An override overrules autoprobe (drivers/pci/pci-driver.c, pci_device_can_probe).
      expect([model.devices()[first]?.driver, model.devices()[second]?.driver]).toEqual([driver, 'late'])
    },
  )
})
