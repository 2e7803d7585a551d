export { cpuHugepages } from './cpu-hugepages/module.js'
export { type CpuHugepagesOptions, cpuHugepagesOptions } from './cpu-hugepages/options.js'
export { cpuVirtualization } from './cpu-virtualization/module.js'
export { hostTools } from './host-tools/module.js'
