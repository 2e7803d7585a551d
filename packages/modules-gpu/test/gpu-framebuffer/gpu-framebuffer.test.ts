import { createKernelModel, standardMachine } from '@janus/core/testing'
import { describe, expect, it } from 'vitest'
import { gpuFramebuffer } from '../../src/index.js'
import { CLASSES, createMachine, quietQuery } from '../fixture/machine.js'
import { runOn } from '../fixture/run-module.js'
import { machineWithConsole } from '../fixture/runtime-machines.js'

describe('gpu-framebuffer', () => {
  it('names everything of the console that holds the boot display', async () => {
    const [found] = await runOn(gpuFramebuffer, machineWithConsole({ manager: true })).check()
    expect(found).toMatchObject({ id: 'console', status: 'ok' })
    expect(found?.summary).toContain('Xorg (process 811')
    expect(found?.summary).toContain('the virtual consoles (/sys/class/vtconsole/vtcon1)')
    expect(found?.summary).toContain('the framebuffer of the firmware (vesa-framebuffer.0)')
    expect(found?.detail).toContain('session 2 (wayland user) of ada')
    expect(found?.detail).toContain('display manager: gdm.service')
  })

  it('goes from the programs down to the memory', async () => {
    const machine = machineWithConsole({ manager: true })
    const changes = await runOn(gpuFramebuffer, machine).apply({ stopDisplayManager: true, timeout: 5 })
    expect(changes).toMatchObject([
      { command: 'systemctl', args: ['stop', 'gdm.service'], irreversible: [{ id: 'display-session' }] },
      { command: 'true', verify: [{ kind: 'unheld', path: '/dev/char/29:0' }], verifyWithin: 5_000 },
      {
        path: '/sys/class/vtconsole/vtcon1/bind',
        value: '0',
        verify: [{ kind: 'equals', path: '/sys/class/vtconsole/vtcon0/bind', value: '1' }],
      },
      {
        path: '/sys/bus/platform/drivers/vesa-framebuffer/unbind',
        value: 'vesa-framebuffer.0',
        irreversible: [{ id: 'boot-console' }],
        undo: [{ path: '/sys/bus/platform/drivers/vesa-framebuffer/bind', mayFail: { errors: expect.any(Array) } }],
      },
    ])
  })

  it('asks again who draws before it takes anything, also where nobody did when the plan was made', async () => {
    const changes = await runOn(gpuFramebuffer, machineWithConsole()).apply({})
    const unheld = { kind: 'unheld', path: '/dev/char/29:0' }
    expect(changes).toMatchObject([
      { path: '/sys/class/vtconsole/vtcon1/bind', expect: [unheld] },
      {
        path: '/sys/bus/platform/drivers/vesa-framebuffer/unbind',
        expect: [{ kind: 'linksTo', path: '/sys/bus/platform/devices/vesa-framebuffer.0/driver' }, unheld],
      },
    ])
  })

  it('knows who holds the card that simpledrm makes of the framebuffer of the firmware', async () => {
    const holder = { pid: 901, name: 'weston', device: '226:3', path: '/dev/dri/card3' }
    const machine = machineWithConsole({ holder })
    machine.put({ '/sys/devices/platform/vesa-framebuffer.0/drm/card3/dev': '226:3\n' })
    await expect(runOn(gpuFramebuffer, machine).apply({})).rejects.toMatchObject({
      message: expect.stringContaining('weston (process 901) holds /dev/dri/card3 open'),
    })
  })

  it('refuses while programs hold the display, unless their manager may be stopped', async () => {
    const run = runOn(gpuFramebuffer, machineWithConsole({ manager: true }))
    await expect(run.apply({})).rejects.toMatchObject({
      code: 'JANUS_DEVICE_REFUSED',
      message: expect.stringContaining('holds /dev/fb0 open; on the seat: session 2 (wayland user) of ada'),
      remedy: expect.stringContaining('stopDisplayManager: true'),
    })
  })

  it('leaves the framebuffer to the kernel where it is told to', async () => {
    const changes = await runOn(gpuFramebuffer, machineWithConsole()).apply({ unbindFramebuffer: false })
    expect(changes).toMatchObject([{ path: '/sys/class/vtconsole/vtcon1/bind' }])
  })

  it('says so where no display was started on by the firmware', async () => {
    const run = runOn(gpuFramebuffer, createKernelModel({ ...standardMachine(), devices: [] }))
    expect(await run.check()).toMatchObject([{ id: 'console', status: 'skipped' }])
    await expect(run.apply({})).rejects.toMatchObject({ code: 'JANUS_DEVICE_NOT_FOUND' })
  })

  it('claims nothing of a captured host that shows no console', async () => {
    const displays = [{ address: '0000:01:00.0', class: CLASSES.display }]
    const host = createMachine({ devices: displays, kind: 'tree' })
    expect(await runOn(gpuFramebuffer, { host, query: quietQuery }).check()).toMatchObject([
      { id: 'console', status: 'skipped', summary: expect.stringContaining('does not show') },
    ])
  })

  it('refuses a device that is no display', async () => {
    const run = runOn(gpuFramebuffer, machineWithConsole())
    await expect(run.apply({ device: '0000:02:00.0' })).rejects.toMatchObject({
      message: expect.stringContaining('is no display'),
    })
  })
})
