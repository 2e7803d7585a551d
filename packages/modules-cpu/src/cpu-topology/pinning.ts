import * as z from '@janus/core/zod'

const cpu = z.int().min(0).max(65_535)
const cpus = z.array(cpu)
const node = z.int().min(0).max(65_535)

/** Schema of the answer of {@link proposePinning}, `janus.pinning/1`. Lists of CPUs are ascending. */
export const pinningProposalSchema = z.strictObject({
  schema: z.literal('janus.pinning/1'),
  wish: z
    .strictObject({
      vcpus: z.int().min(1),
      device: z.string().optional(),
      memoryKiB: z.int().min(1).optional(),
      threadsPerCore: z.enum(['all', 'one']),
      reserve: z.int().min(1),
    })
    .describe('What was asked, with what was left out filled in.'),
  device: z
    .strictObject({
      address: z.string(),
      node: node.optional(),
      cpus,
      source: z.enum(['device', 'bridge', 'root-bus', 'unknown']),
    })
    .optional()
    .describe('Where the device is close to, and who says so.'),
  vcpus: z
    .array(
      z.strictObject({
        vcpu: z.int().min(0),
        cpu,
        core: z.int().min(0).describe('Core of the guest: vCPUs with the same number are threads of one core.'),
        package: z.int().min(0),
        node: node.optional(),
        kind: z.enum(['uniform', 'performance', 'medium', 'efficiency']),
      }),
    )
    .describe('The CPU of each vCPU, in the order of the vCPUs.'),
  guest: z
    .strictObject({ sockets: z.int().min(1), cores: z.int().min(1), threads: z.int().min(1) })
    .describe('The topology to show to the guest, so that it schedules as the host would.'),
  memory: z
    .strictObject({
      nodes: z.array(node).describe('Nodes the memory comes from, nearest first; empty where it cannot be bound.'),
      binding: z.enum(['strict', 'none']),
    })
    .describe('Where the memory of the guest belongs.'),
  emulator: cpus.describe('CPUs of the host for the emulator threads.'),
  io: cpus.describe('CPUs of the host for I/O threads.'),
  idle: cpus.describe('Siblings of chosen threads that nobody is to use.'),
  reserved: cpus.describe('CPUs of the cores that are kept for the host.'),
  host: cpus.describe('All CPUs that stay with the host, those of the emulator and of I/O among them.'),
  why: z.array(
    z.strictObject({
      choice: z.enum(['node', 'kind', 'cache', 'cores', 'memory', 'host', 'emulator']),
      because: z.string(),
    }),
  ),
  compromises: z.array(z.string()).describe('What is not as it should be, because the host has no better.'),
  refused: z.array(z.strictObject({ alternative: z.string(), because: z.string() })),
})

/** Which cores, threads and memory nodes a virtual machine should get, and why. */
export type PinningProposal = z.output<typeof pinningProposalSchema>

/** What a virtual machine is to get. */
export interface PinningWish {
  readonly vcpus: number
  /** PCI address of a device of the host. */
  readonly device?: string | undefined
  readonly memoryKiB?: number | undefined
  /** `all`: whole cores with all their threads (default). `one`: one thread of each core. */
  readonly threadsPerCore?: 'all' | 'one' | undefined
  /** Whole cores kept for the host, that of CPU 0 among them. Default 1. */
  readonly reserve?: number | undefined
}
