import type { Change } from '@janus/core'

/** The changes of a hand-over to vfio-pci, as a module returns them: the design's own example. */
export function bindingChanges(
  address: string,
  old: { readonly driver: string; readonly module: string },
): readonly Change[] {
  const device = `/sys/bus/pci/devices/${address}`
  const override = `${device}/driver_override`
  const driver = `${device}/driver`
  const home = `/sys/bus/pci/drivers/${old.driver}`
  const vfio = '/sys/bus/pci/drivers/vfio-pci'
  const at = (target: string) => [{ kind: 'linksTo' as const, path: driver, target }]
  const none = [{ kind: 'absent' as const, path: driver }]
  const order = { kind: 'write-attribute' as const, value: address, scope: 'runtime' as const }
  return [
    {
      kind: 'load-kernel-module',
      name: 'vfio-pci',
      scope: 'runtime',
      why: 'vfio-pci must be there',
      verify: [{ kind: 'exists', path: vfio }],
    },
    { kind: 'write-attribute', path: override, value: 'vfio-pci', scope: 'runtime', why: 'only vfio-pci may bind' },
    {
      ...order,
      path: `${home}/unbind`,
      why: `${old.driver} lets go`,
      expect: at(home),
      verify: none,
      undo: [
        {
          kind: 'load-kernel-module',
          name: old.module,
          scope: 'runtime',
          why: 'the driver is there',
          unless: [{ kind: 'exists', path: home }],
        },
        {
          ...order,
          path: override,
          value: old.driver,
          why: 'aim home',
          unless: at(home),
          expect: none,
          verify: [{ kind: 'equals', path: override, value: old.driver }],
        },
        { ...order, path: `${home}/bind`, why: 'back home', expect: none, verify: at(home) },
      ],
    },
    {
      ...order,
      path: `${vfio}/bind`,
      why: 'vfio-pci takes it',
      expect: none,
      verify: at(vfio),
      undo: [{ ...order, path: `${vfio}/unbind`, why: 'vfio-pci lets go', expect: at(vfio), verify: none }],
    },
  ]
}
