// The modules that tune the processors of the running kernel. Argument: the part that this machine is made for.
import { smt, threads } from './cpu-tuning/threads.mjs'
import { virtualMachines } from './cpu-tuning/virtual-machines.mjs'
import { finish } from './kit.mjs'

await { threads, smt, kvm: virtualMachines }[process.argv[2]]()
finish()
