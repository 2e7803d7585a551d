import type { PciDevice } from '@janus/core'

const AMD = '1002'

/**
 * AMD chips that do not come back from the resets that PCI knows: a machine starts once, and not again before the host
 * is booted. The families are those that the vendor-reset kernel module was written for.
 */
const FAMILIES: Readonly<Record<string, string>> = {
  'Polaris 10': '67c0 67c1 67c2 67c4 67c7 67c8 67c9 67ca 67cc 67cf 67d0 67df 6fdf',
  'Polaris 11': '67e0 67e1 67e3 67e7 67e8 67e9 67eb 67ef 67ff',
  'Polaris 12': '6980 6981 6985 6986 6987 6995 6997 699f',
  'Vega 10': '6860 6861 6862 6863 6864 6867 6868 6869 686a 686b 686c 686d 686e 686f 687f',
  'Vega 20': '66a0 66a1 66a2 66a3 66a4 66a7 66af',
  'Navi 10': '7310 7312 7318 7319 731a 731b 731e 731f',
  'Navi 12': '7360 7362',
  'Navi 14': '7340 7341 7347 734f',
}

const BY_ID = new Map(
  Object.entries(FAMILIES).flatMap(([family, ids]) => ids.split(' ').map((id) => [id, family] as const)),
)

/** The family of a chip that is known not to come back from a reset; undefined for any other device. */
export function resetBugFamily({ vendor, device, isDisplay }: PciDevice): string | undefined {
  return vendor === AMD && isDisplay ? BY_ID.get(device) : undefined
}
