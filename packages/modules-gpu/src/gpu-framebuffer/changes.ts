import type { Change, Condition } from '@janus/core'
import { stopUnitChange } from '../systemd-units.js'
import { waitUntilUnheld } from '../wait-until-unheld.js'
import type { VirtualConsole } from './consoles.js'
import { boundConsole, type Display } from './display.js'
import type { FirmwareFramebuffer } from './firmware-framebuffer.js'
import type { GpuFramebufferOptions } from './options.js'

/** Errors of a framebuffer driver that does not take its device again: its region is taken, or the kernel removed the device. */
const NOT_AGAIN = ['ENODEV', 'ENXIO', 'EBUSY', 'EINVAL', 'EIO', 'ENOMEM', 'ENOENT']

/** Of 64 that a change may have; a display has a handful of device numbers. */
const MOST_CONDITIONS = 60

/**
 * The changes that take the console from a display, from the programs down to the memory; undone in reverse.
 */
export function releaseChanges(display: Display, options: GpuFramebufferOptions): readonly Change[] {
  const { device, firmware, holders, numbers, seat } = display
  const drawing = boundConsole(display)
  const isHeld = holders.holders.length > 0
  const why = `stop the display manager, which draws on ${device.address}`
  const loss = {
    id: 'display-session',
    summary: 'every session of the display manager ends, with what was not saved in it',
  }
  return [
    ...(isHeld && seat.manager !== undefined ? [stopUnitChange(seat.manager, why, [loss], undefined)] : []),
    ...(isHeld
      ? waitUntilUnheld(
          numbers,
          options.timeout,
          `wait up to ${options.timeout} seconds until no program holds ${device.address} open; nothing is killed`,
          `that no program holds ${device.address} open any more`,
        )
      : []),
    ...(drawing === undefined ? [] : [consoleChange(display, drawing)]),
    ...(firmware !== undefined && options.unbindFramebuffer ? [firmwareChange(display, firmware)] : []),
  ]
}

/**
 * Takes the virtual consoles from the framebuffer. What is read back is the console that takes over: when the framebuffer
 * goes too, its own console goes with it.
 */
function consoleChange({ device, consoles, numbers }: Display, { path, name }: VirtualConsole): Change {
  const heir = consoles.find(({ isSystem }) => isSystem)
  const verify: readonly Condition[] =
    heir === undefined ? [] : [{ kind: 'equals', path: `${heir.path}/bind`, value: '1' }]
  return {
    kind: 'write-attribute',
    path: `${path}/bind`,
    from: '1',
    value: '0',
    why: `take the virtual consoles from ${device.address} (${name})`,
    expect: unheld(numbers),
    ...(verify.length === 0 ? {} : { verify }),
    scope: 'runtime',
  }
}

/** Somebody may have begun to draw since the plan was made, also where nobody did then and nothing was waited for. */
function unheld(numbers: readonly string[]): readonly Condition[] {
  return numbers.slice(0, MOST_CONDITIONS).map((number) => ({ kind: 'unheld', path: `/dev/char/${number}` }))
}

/** Takes the framebuffer of the firmware from its driver, which gives the memory of the display free. */
function firmwareChange({ device, numbers }: Display, { driver, instance }: FirmwareFramebuffer): Change {
  const directory = `/sys/bus/platform/drivers/${driver}`
  const link = `/sys/bus/platform/devices/${instance}/driver`
  return {
    kind: 'write-attribute',
    path: `${directory}/unbind`,
    value: instance,
    why: `take the framebuffer of the firmware from ${driver}, which lies in the memory of ${device.address}`,
    expect: [{ kind: 'linksTo', path: link, target: directory }, ...unheld(numbers)],
    verify: [{ kind: 'absent', path: link }],
    scope: 'runtime',
    reveals: `that the framebuffer of the firmware has given ${device.address} up`,
    irreversible: [
      {
        id: 'boot-console',
        summary: `the console that the firmware set up on ${device.address} may not come back before a boot`,
      },
    ],
    undo: [
      {
        kind: 'write-attribute',
        path: `${directory}/bind`,
        value: instance,
        why: `give the framebuffer of the firmware back to ${driver}, which takes the console with it`,
        expect: [{ kind: 'absent', path: link }],
        verify: [{ kind: 'linksTo', path: link, target: directory }],
        scope: 'runtime',
        mayFail: {
          errors: NOT_AGAIN,
          because: 'a framebuffer of the firmware cannot always be taken again; the next boot brings it back',
        },
      },
    ],
  }
}
