export { comparePciAddresses } from './compare-pci-addresses.js'
export { type ConfigurationFile, configurationDirectories, findConfigurationFiles } from './configuration-files.js'
export { type CpuInformation, readCpu } from './cpu.js'
export { formatCpuList, formatCpuMask, parseCpuList, parseCpuMask } from './cpu-list.js'
export { readDeviceUses } from './device-uses/index.js'
export { isVfioDriver, keepsGroupViable } from './driver-names.js'
export { findHostModules } from './host-modules.js'
export { type HugepagePool, readHugepages } from './hugepages.js'
export { readInventory } from './inventory.js'
export { isIommuInEffect, readIommuGroups } from './iommu-groups.js'
export { type GroupVerdict, type JudgedGroup, judgeGroups } from './judge-groups.js'
export {
  type KernelParameter,
  lastParameter,
  parseKernelCommandLine,
  readKernelCommandLine,
} from './kernel-command-line.js'
export { type KernelModuleState, type KernelModules, readKernelModules } from './kernel-modules.js'
export { readKernelRelease } from './kernel-release.js'
export { type MemoryInformation, readMemory } from './memory.js'
export { type ModuleOptions, readModuleOptions } from './modprobe-config.js'
export { type ParameterOpeners, parameterBehind } from './parameter-behind.js'
export { pciClassName, pciRole } from './pci-class.js'
export { isOffTheBus, readPciDevice, readPciDevices } from './pci-devices.js'
export { readSystemdUnits } from './systemd-units.js'
export { readTopology } from './topology/index.js'
export { findVfioDriver, type VfioDriverChoice } from './vfio-driver.js'
export { readVirtualFunctions } from './virtual-functions.js'
