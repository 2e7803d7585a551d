export { gpuIommu } from './gpu-iommu/module.js'
export { gpuVfio } from './gpu-vfio/module.js'
export { type GpuVfioOptions, gpuVfioOptions } from './gpu-vfio/options.js'
