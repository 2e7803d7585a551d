import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { devices } from './devices.mjs'
import { run } from './run.mjs'
import { waitFor } from './wait-for.mjs'

export function loadModule(name, ...parameters) {
  return run('modprobe', [name, ...parameters])
}

export function unloadModule(name) {
  return run('modprobe', ['-r', name])
}

/** A module that cannot be loaded by name, the way an administrator forbids it. */
export function hideModule(name) {
  writeFileSync(`/etc/modprobe.d/hide-${name}.conf`, `install ${name} /bin/false\n`)
}

// CPUs and platform devices have modules too (KVM, crypto, power); those take seconds here and no scenario looks at them.
const buses = /^(pci|virtio|usb|hdaudio):/

/** What udev does at boot: the module for every device, then for the devices those brought, until there are no new ones. */
export async function loadDriversByModalias() {
  const known = new Set()
  for (;;) {
    const found = modaliases('/sys/devices').filter((alias) => !known.has(alias))
    if (found.length === 0) return
    for (const alias of found) known.add(alias)
    await run('modprobe', ['-a', '-b', '-q', ...found])
    await settleDrivers()
  }
}

/** Waits until no device changes its driver any more: some drivers probe asynchronously. */
export async function settleDrivers({ quietMs = 300 } = {}) {
  let last = ''
  let since = performance.now()
  await waitFor(() => {
    const state = devices()
      .map(({ driver }) => driver)
      .join()
    if (state !== last) {
      last = state
      since = performance.now()
    }
    return performance.now() - since >= quietMs && nvmeControllersReady()
  })
}

function nvmeControllersReady() {
  const controllers = entries('/sys/class/nvme').map((name) =>
    readFileSync(`/sys/class/nvme/${name}/state`, 'utf8').trim(),
  )
  return controllers.every((state) => state === 'live' || state === 'dead')
}

function modaliases(folder) {
  const found = new Set()
  const walk = (path) => {
    for (const entry of readdirSync(path, { withFileTypes: true })) {
      if (entry.isDirectory()) walk(`${path}/${entry.name}`)
      else if (entry.name === 'modalias') found.add(readFileSync(`${path}/modalias`, 'utf8').trim())
    }
  }
  walk(folder)
  return [...found].filter((alias) => buses.test(alias))
}

function entries(folder) {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

/** Removes these modules as far as they are loaded: the last that was loaded first, because it may need the others. */
export async function unloadLoaded(names) {
  const loaded = readFileSync('/proc/modules', 'utf8')
    .split('\n')
    .map((line) => line.split(' ', 1)[0])
  await run(
    'rmmod',
    loaded.filter((name) => names.includes(name)),
  )
}
