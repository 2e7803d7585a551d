import type { Host } from '@janus/core'

/** A driver of virtual consoles (ABI/testing/sysfs-class-vtconsole, fb/fbcon.rst). */
export interface VirtualConsole {
  readonly path: string
  readonly name: string
  readonly isBound: boolean
  /** The driver that the kernel started with: it takes over what another gives up. */
  readonly isSystem: boolean
  /** True for the console that draws on framebuffers. */
  readonly isFramebuffer: boolean
}

const CONSOLES = '/sys/class/vtconsole'

/** Reads the drivers of virtual consoles. */
export async function readConsoles(host: Host): Promise<readonly VirtualConsole[]> {
  const consoles: VirtualConsole[] = []
  for (const entry of (await host.list(CONSOLES)).value ?? []) {
    const path = `${CONSOLES}/${entry}`
    const name = (await host.readText(`${path}/name`)).value?.trim()
    const bind = (await host.readText(`${path}/bind`)).value?.trim()
    if (name === undefined || bind === undefined) continue
    consoles.push({
      path,
      name,
      isBound: bind === '1',
      isSystem: name.startsWith('(S)'),
      isFramebuffer: name.endsWith('frame buffer device'),
    })
  }
  return consoles
}
