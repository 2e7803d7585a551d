import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { basename } from 'node:path'
import { check, device, devices, loadModule, unloadModule, value, writeAttribute } from '../kit.mjs'

const bus = '/sys/bus/pci'

/** Performs operations one at a time and keeps, for each, the answer and what it changed on the whole bus. */
export function createRecorder() {
  const machine = devices().map((entry) => ({ ...entry, ...stateOf(entry.address) }))
  const drivers = pciDrivers()
  const initial = stateOfAll()
  const answers = []

  async function perform(operation, act, { expect, subject } = {}) {
    const before = stateOfAll()
    const answer = await act()
    keep({ operation, ...answer, ...changes(before, stateOfAll(), subject) }, expect)
    return answer.result
  }

  function keep(answer, expect) {
    const id = answers.length + 1
    answers.push({ id, ...answer })
    if (expect !== undefined)
      check(`${id}. ${describe(answer.operation)} => ${expect}`, answer.result === expect, answer)
  }

  const write = (path, content, options = {}) =>
    perform({ kind: 'write', path, content }, () => writeAttribute(path, content), options)

  return {
    keep,
    write,
    override: (address, content, expect) =>
      write(`${bus}/devices/${address}/driver_override`, content, { expect, subject: address }),
    bind: (driver, address, expect) => write(`${bus}/drivers/${driver}/bind`, address, { expect, subject: address }),
    unbind: (driver, address, expect) =>
      write(`${bus}/drivers/${driver}/unbind`, address, { expect, subject: address }),
    probe: (address, expect) => write(`${bus}/drivers_probe`, address, { expect, subject: address }),
    attribute: (address, name, content, expect) =>
      write(`${bus}/devices/${address}/${name}`, content, { expect, subject: address }),
    loadModule: (name) => perform({ kind: 'load-module', name }, () => outcome(loadModule(name)), { expect: 'ok' }),
    unloadModule: (name) =>
      perform({ kind: 'unload-module', name }, () => outcome(unloadModule(name)), { expect: 'ok' }),
    /** A check on the state between the operations. */
    expectDriver: (address, driver) => {
      const found = device(address).driver
      check(`${address} is on ${driver ?? 'no driver'}`, found === driver, { found })
    },
    checkRestored: (part) => {
      const { others } = changes(initial, stateOfAll())
      check(`after ${part} every device is as at the start`, others === undefined, others)
    },
    finish: () => value('kernel-answers', { machine, drivers, answers }),
  }
}

async function outcome(running) {
  const { exitCode, stderr } = await running
  return { result: exitCode === 0 ? 'ok' : `exit ${exitCode}`, ...(stderr && { detail: stderr.trim() }) }
}

function describe(operation) {
  if (operation.kind !== 'write') return [operation.kind, operation.name ?? operation.address].join(' ')
  const shown = operation.content.length > 40 ? `${operation.content.length} bytes` : JSON.stringify(operation.content)
  return `${shown} > ${operation.path.replace(`${bus}/`, '')}`
}

function stateOfAll() {
  return Object.fromEntries(
    readdirSync(`${bus}/devices`)
      .sort()
      .map((address) => [address, stateOf(address)]),
  )
}

/** In this process and without a deadline: only used where nothing hangs (vfio-use.mjs does its own). */
function stateOf(address) {
  return {
    driver: attempt(() => basename(readlinkSync(`${bus}/devices/${address}/driver`))) ?? null,
    override: attempt(() => readFileSync(`${bus}/devices/${address}/driver_override`, 'latin1')) ?? null,
  }
}

function changes(before, after, subject) {
  const others = {}
  for (const address of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const [from, to] = [before[address] ?? 'absent', after[address] ?? 'absent']
    if (address !== subject && JSON.stringify(from) !== JSON.stringify(to))
      others[address] = { before: from, after: to }
  }
  return {
    ...(before[subject] && { subject, before: before[subject], after: after[subject] ?? 'absent' }),
    ...(Object.keys(others).length > 0 && { others }),
  }
}

function pciDrivers() {
  return readdirSync(`${bus}/drivers`).map((name) => ({
    name,
    module: attempt(() => basename(readlinkSync(`${bus}/drivers/${name}/module`))) ?? null,
  }))
}

function attempt(read) {
  try {
    return read()
  } catch {
    return undefined
  }
}
