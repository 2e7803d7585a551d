import type { PciRole } from '../contract/inventory.js'

/** Base classes (PCI Code and ID Assignment 1.1, section 1). */
const BASE_CLASSES: Readonly<Record<string, string>> = {
  '00': 'Unclassified device',
  '01': 'Mass storage controller',
  '02': 'Network controller',
  '03': 'Display controller',
  '04': 'Multimedia controller',
  '05': 'Memory controller',
  '06': 'Bridge',
  '07': 'Communication controller',
  '08': 'System peripheral',
  '09': 'Input device',
  '0a': 'Docking station',
  '0b': 'Processor',
  '0c': 'Serial bus controller',
  '0d': 'Wireless controller',
  '0e': 'Intelligent controller',
  '0f': 'Satellite controller',
  '10': 'Encryption controller',
  '11': 'Signal processing controller',
  '12': 'Processing accelerator',
  '13': 'Instrumentation',
  '40': 'Coprocessor',
}

/** The sub classes that people meet. */
const SUB_CLASSES: Readonly<Record<string, string>> = {
  '0100': 'SCSI storage controller',
  '0101': 'IDE interface',
  '0104': 'RAID controller',
  '0106': 'SATA controller',
  '0107': 'SAS controller',
  '0108': 'NVMe controller',
  '0200': 'Ethernet controller',
  '0207': 'InfiniBand controller',
  '0300': 'VGA display controller',
  '0302': '3D display controller',
  '0400': 'Video controller',
  '0401': 'Audio controller',
  '0403': 'Audio device',
  '0500': 'RAM memory',
  '0580': 'Memory controller',
  '0600': 'Host bridge',
  '0601': 'ISA bridge',
  '0604': 'PCI bridge',
  '0607': 'CardBus bridge',
  '0609': 'Semi-transparent PCI bridge',
  '0700': 'Serial controller',
  '0800': 'Interrupt controller',
  '0805': 'SD host controller',
  '0806': 'IOMMU',
  '0c00': 'FireWire controller',
  '0c03': 'USB controller',
  '0c05': 'SMBus controller',
  '0d11': 'Bluetooth controller',
  '1180': 'Signal processing controller',
  '1200': 'Processing accelerator',
}

/** Classes whose devices are part of the chipset and never given away: LPC and other legacy bridges, SMBus, IOMMU. */
const CHIPSET = new Set(['0601', '0602', '0603', '0605', '0606', '0608', '060a', '0680', '0c05', '0806'])

/** PCI-to-PCI, CardBus and semi-transparent bridges: the classes with a bridge's configuration header. */
const BRIDGES = new Set(['0604', '0607', '0609'])

/**
 * Words for a class.
 * @param code six hex digits: base class, sub class, programming interface
 */
export function pciClassName(code: string): string {
  return SUB_CLASSES[code.slice(0, 4)] ?? BASE_CLASSES[code.slice(0, 2)] ?? 'Unknown device'
}

/**
 * What kind of thing a device is.
 * @param code six hex digits of the class
 * @param hasBridgeHeader true when the kernel shows the attributes that only a device with header type 1 or 2 has
 */
export function pciRole(code: string, hasBridgeHeader: boolean): PciRole {
  const subClass = code.slice(0, 4)
  if (hasBridgeHeader || BRIDGES.has(subClass)) return 'bridge'
  if (subClass === '0600') return 'host-bridge'
  return CHIPSET.has(subClass) ? 'chipset' : 'endpoint'
}
