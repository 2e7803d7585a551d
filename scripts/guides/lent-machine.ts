import { createJanus as createOnAnyMachine, type Janus, type JanusOptions, type Machine } from '@janus/core'

export * from '@janus/core'

const LENT = Symbol.for('janus.guide.machine')

/** From here on, programs that import this file in the place of core have that machine for their own. */
export function lendMachine(machine: Machine): void {
  Object.assign(globalThis, { [LENT]: machine })
}

/** `createJanus` of core, where nothing else is named on the machine that was lent. */
export function createJanus(options: JanusOptions = {}): Janus {
  const machine = (globalThis as { [LENT]?: Machine })[LENT]
  const isOpen = options.host === undefined && options.machine === undefined && machine !== undefined
  return createOnAnyMachine(isOpen ? { ...options, machine } : options)
}
