import { addToTree } from '../file-tree/tree-input.js'
import { type AttributeNode, atOnce, type KernelAnswer } from '../file-tree/tree-node.js'
import { readOnly } from './attribute-nodes.js'
import { putLink } from './driver-binding.js'
import type { FirmwareConsoleSpec } from './kernel-spec.js'
import { type KernelState, sysfsWord } from './kernel-state.js'

const DRIVERS = '/sys/bus/platform/drivers'
const CONSOLES = '/sys/class/vtconsole'
const FRAMEBUFFER_DRIVERS = ['efi-framebuffer', 'simple-framebuffer', 'vesa-framebuffer'] as const

/**
 * The console on the framebuffer that the firmware set up: the platform driver and its device, `/proc/fb`, the region in
 * `/proc/iomem`, and the virtual consoles. While there is a framebuffer there is a console on it, which takes over when
 * it appears; without one only the dummy console is left (drivers/video/fbdev/core/fbcon.c, drivers/tty/vt/vt.c).
 */
export function createFirmwareConsole(kernel: KernelState, spec: FirmwareConsoleSpec): void {
  const { driver, device, owner, name, rebind = 'ok' } = spec
  const instance = `${driver}.0`
  const location = `/sys/devices/platform/${instance}`
  let isBound = false
  let isOnFramebuffer = false

  function bind(text: string): KernelAnswer {
    if (sysfsWord(text) !== instance || isBound) return 'ENODEV'
    if (rebind !== 'ok') return rebind
    attach()
    return 'ok'
  }

  function attach(): void {
    isBound = true
    isOnFramebuffer = true
    putLink(kernel, `${location}/driver`, `${DRIVERS}/${driver}`)
    putLink(kernel, `${DRIVERS}/${driver}/${instance}`, location)
    const bindNode: AttributeNode = {
      type: 'attribute',
      mode: 0o644,
      show: atOnce(() => `${isOnFramebuffer ? 1 : 0}\n`),
      store: atOnce((text: string) => {
        isOnFramebuffer = /^0*[1-9]/.test(text)
        return 'ok'
      }),
    }
    kernel.tree.put(`${CONSOLES}/vtcon1/name`, readOnly('(M) frame buffer device\n'))
    kernel.tree.put(`${CONSOLES}/vtcon1/bind`, bindNode)
  }

  function unbind(text: string): KernelAnswer {
    if (sysfsWord(text) !== instance || !isBound) return 'ENODEV'
    isBound = false
    isOnFramebuffer = false
    for (const path of [`${location}/driver`, `${DRIVERS}/${driver}/${instance}`, `${CONSOLES}/vtcon1`])
      kernel.tree.remove(path)
    return 'ok'
  }

  for (const known of FRAMEBUFFER_DRIVERS) {
    const isIt = known === driver
    kernel.tree.put(`${DRIVERS}/${known}/bind`, order(isIt ? bind : () => 'ENODEV'))
    kernel.tree.put(`${DRIVERS}/${known}/unbind`, order(isIt ? unbind : () => 'ENODEV'))
  }
  addToTree(kernel.tree, '', { [`${location}/uevent`]: '' })
  putLink(kernel, `/sys/bus/platform/devices/${instance}`, location)
  kernel.tree.put(`${CONSOLES}/vtcon0/name`, readOnly('(S) dummy device\n'))
  kernel.tree.put(`${CONSOLES}/vtcon0/bind`, {
    type: 'attribute',
    mode: 0o644,
    show: atOnce(() => `${isOnFramebuffer ? 0 : 1}\n`),
    // The console that the kernel starts with takes over when the other is unbound, never by itself.
    store: atOnce(() => 'ok' as const),
  })
  kernel.tree.put(
    '/proc/fb',
    readOnly(() => (isBound ? `0 ${name}\n` : '')),
  )
  kernel.tree.put(
    '/proc/iomem',
    readOnly(() => `  fa000000-faffffff : ${device}\n${isBound ? `    fa000000-faffffff : ${owner}\n` : ''}`),
  )
  attach()
}

function order(work: (text: string) => KernelAnswer): AttributeNode {
  return { type: 'attribute', mode: 0o200, store: atOnce(work) }
}
