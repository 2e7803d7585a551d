export type { DescriptorHold } from './descriptors.js'
export { createKernelModel, type KernelModel } from './kernel-model.js'
export type { KernelSnapshot } from './kernel-snapshot.js'
export type {
  AttributeSpec,
  CgroupsSpec,
  CgroupTaskSpec,
  FirmwareConsoleSpec,
  FrequencyPolicySpec,
  HugepagePoolSpec,
  InterruptSpec,
  KernelModuleSpec,
  KernelPersonality,
  KernelSpec,
  PciDeviceSpec,
  PciDriverSpec,
  ProcessorsSpec,
  QueryAnswers,
  SmtControl,
} from './kernel-spec.js'
export { type StandardMachineOptions, standardAddresses, standardMachine } from './standard-machine.js'
