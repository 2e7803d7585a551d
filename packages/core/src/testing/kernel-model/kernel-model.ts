import type { HandOrder, Machine } from '../../contract/hand.js'
import type { Host } from '../../contract/host.js'
import type { Query } from '../../contract/query.js'
import { createTreeHost } from '../file-tree/tree-host.js'
import { addToTree, type TreeInput } from '../file-tree/tree-input.js'
import type { KernelAnswer, Operation } from '../file-tree/tree-node.js'
import { boot } from './boot.js'
import { type DescriptorHold, type HeldNode, holdDescriptors, holdNode } from './descriptors.js'
import { attachAnyDriver } from './driver-binding.js'
import { type ReadAnswer, readAttribute, writeAttribute } from './file-operations.js'
import { loadModule, unloadModule } from './kernel-modules.js'
import { deviceStates, type KernelSnapshot, takeSnapshot } from './kernel-snapshot.js'
import type { KernelSpec, PciDeviceSpec } from './kernel-spec.js'
import { createModelProcess, type HandState, type ModelProcess } from './model-process.js'
import { createModelQuery } from './model-query.js'
import { createOrderHooks, type OrderHooks } from './order-hooks.js'
import { plugDevice, unplugDevice } from './pci-bus.js'
import type { CommandHandler } from './perform-order.js'
import { performOrder } from './perform-order.js'

const FIRST_PID = 1000

/**
 * A kernel in memory, with the answers and the habits of a real one: what it ignores, grants in part, blocks, or binds by
 * itself. `machine` is what a transaction works on; everything else is for the test.
 */
export interface KernelModel extends Pick<OrderHooks, 'orders' | 'failNext' | 'onOrder'> {
  /** The machine as the process under test has it. After a crash this is the machine of its successor. */
  readonly machine: Machine
  /** The test's own view, which no crash ends. */
  readonly host: Host
  readonly query: Query
  /** Everything there is, for comparing before with after. */
  snapshot(): KernelSnapshot
  /** The drivers and overrides of a snapshot alone, which cost less. */
  devices(): KernelSnapshot['devices']

  /** Writes as some other program would; `hangs` when the kernel does not answer, the write then stays in the kernel. */
  write(path: string, text: string): KernelAnswer
  /** Reads as some other program would; undefined when the kernel does not answer. */
  read(path: string): ReadAnswer | undefined
  /** Puts files, links or directories there, past every rule. */
  put(input: TreeInput): void
  /** Takes a path with everything below it away, past every rule. */
  remove(path: string): void
  /** `modprobe`, by somebody else. */
  loadModule(name: string, parameters?: Readonly<Record<string, string>>): KernelAnswer
  /** `rmmod` by somebody else, or with the modules it alone needed `modprobe -r`. */
  unloadModule(name: string, options?: { readonly dependencies?: boolean }): KernelAnswer
  /** A device appears, and the drivers look at it. */
  plug(spec: PciDeviceSpec): void
  /** A device disappears. */
  unplug(address: string): void
  /** Another device takes the address. */
  replace(spec: PciDeviceSpec): void
  /** A virtual machine opens these devices of one group: their unbind blocks until it lets go. */
  holdDevice(...addresses: readonly [string, ...string[]]): DescriptorHold
  /** Somebody opens a group without any device of it. */
  holdGroup(group: string): DescriptorHold
  /** A program opens a device node: the module that made it is in use. */
  holdNode(path: string): DescriptorHold
  /** A program maps hugepages of this size and does not touch them: they stay free, and are promised. Throws without so many. */
  reserveHugepages(sizeKiB: number, pages: number): DescriptorHold
  /** What a command of a plan does. Without a handler there is no such program. */
  onCommand(command: string, handler: CommandHandler): void

  /**
   * The process under test dies as by SIGKILL around the n-th order from now, counted from 1. Nothing it waits for ever
   * comes; its idle hands end, a blocked one stays in the kernel.
   * @param moment before the order is carried out, or after it with the answer lost
   * @returns resolves when it has happened: race the work against it
   */
  crashAfter(orders: number, moment?: 'before' | 'after'): Promise<void>
  /** The process under test dies now. */
  crash(): void
  /** The hands die as by SIGKILL, their parent lives. */
  killHand(): void
}

/** Starts a kernel model. Throws when the spec contradicts itself. */
export function createKernelModel(spec: KernelSpec): KernelModel {
  const kernel = boot(spec)
  const { tree, scheduler } = kernel
  const holds = new Set<HeldNode>()
  const hands = new Map<number, HandState>()
  const commands = new Map<string, CommandHandler>()
  const hooks = createOrderHooks()
  const host = createTreeHost(tree, { kind: 'live', root: '/', description: 'kernel model' })
  const query = createModelQuery(kernel, holds, spec.query ?? {})
  let crash: { orders: number; readonly moment: 'before' | 'after'; happened(): void } | undefined
  let nextPid = FIRST_PID
  let current = startProcess()

  function startProcess(): ModelProcess {
    return createModelProcess(
      {
        host,
        query,
        hangs: spec.hangs ?? 'at-once',
        begin: (order) => scheduler.start(performed(order)),
        parentDies,
        nextIdentity() {
          nextPid += 1
          return { pid: nextPid, startTime: `${nextPid * 100}` }
        },
      },
      hands,
      () => {
        const happened = crash?.happened
        crash = undefined
        current = startProcess()
        happened?.()
      },
    )
  }

  function* performed(order: HandOrder) {
    return hooks.refusalOf(order) ?? (yield* performOrder(kernel, order, commands))
  }

  function parentDies(moment: 'before' | 'after'): boolean {
    if (crash === undefined) return false
    if (moment === 'before') crash.orders -= 1
    return crash.orders === 0 && crash.moment === moment
  }

  function answerOf<Value>(operation: Operation<Value>): Value | undefined {
    return scheduler.start(operation).value
  }

  function deviceAt(address: string) {
    const device = kernel.devices.get(address)
    if (device === undefined) throw new Error(`the model has no ${address}`)
    return device
  }

  function plug(device: PciDeviceSpec): void {
    answerOf(attachAnyDriver(kernel, plugDevice(kernel, device)))
  }

  function unplug(address: string): void {
    answerOf(unplugDevice(kernel, deviceAt(address)))
  }

  return {
    get machine() {
      return current.machine
    },
    host,
    query,
    orders: hooks.orders,
    failNext: hooks.failNext,
    onOrder: hooks.onOrder,
    snapshot: () => takeSnapshot(kernel),
    devices: () => deviceStates(kernel),
    write: (path, text) => answerOf(writeAttribute(tree, path, text)) ?? 'hangs',
    read: (path) => answerOf(readAttribute(tree, path)),
    put: (input) => addToTree(tree, '', input),
    remove(path) {
      tree.remove(path)
    },
    loadModule: (name, parameters) => answerOf(loadModule(kernel, name, parameters)) ?? 'hangs',
    unloadModule: (name, options) => answerOf(unloadModule(kernel, name, options?.dependencies ?? false)) ?? 'hangs',
    plug,
    unplug,
    replace(device) {
      unplug(device.address)
      plug(device)
    },
    holdDevice(...addresses) {
      const devices = addresses.map(deviceAt)
      const [group] = devices.map((device) => device.spec.group)
      if (group === undefined || devices.some((device) => device.spec.group !== group)) {
        throw new Error(`${addresses.join(', ')} are not devices of one IOMMU group`)
      }
      return holdDescriptors(kernel, holds, group, devices)
    },
    holdGroup: (group) => holdDescriptors(kernel, holds, group, []),
    holdNode: (path) => holdNode(kernel, holds, path),
    reserveHugepages: (sizeKiB, pages) => kernel.reservePages(sizeKiB, pages),
    onCommand(command, handler) {
      commands.set(command, handler)
    },
    crashAfter(orders, moment = 'after') {
      return new Promise((happened) => {
        crash = { orders, moment, happened }
      })
    },
    crash: () => current.kill(),
    killHand: () => current.killHands(),
  }
}
