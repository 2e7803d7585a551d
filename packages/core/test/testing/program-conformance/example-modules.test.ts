import { fileURLToPath } from 'node:url'
import { describe, test } from 'vitest'
import { programSuite } from '../../../src/testing/index.js'

const example = (path: string): string => fileURLToPath(new URL(`../../../../../examples/${path}`, import.meta.url))

describe('the example in bash', () => {
  const files = { '/etc/sysctl.d': { directory: true }, '/proc/sys/vm/swappiness': '60\n' } as const
  programSuite({
    test,
    file: example('modules/host/swappiness.sh'),
    fixtures: [
      { title: 'a machine that swaps', files, options: { value: 5 } },
      { title: 'an option that is no number', files, options: { value: 'much' }, refuses: true },
    ],
  })
})

describe('the example in Python', () => {
  const governor = '/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor'
  programSuite({
    test,
    file: example('modules/cpu-governor/cpu_governor.py'),
    directory: example('modules/cpu-governor'),
    stated: { id: 'cpu-governor', type: 'cpu', version: '0.1.0' },
    fixtures: [
      { title: 'a laptop', files: { '/etc/tmpfiles.d': { directory: true }, [governor]: 'powersave\n' }, options: {} },
      { title: 'an option that is no word', files: {}, options: { governor: '; rm' }, refuses: true },
    ],
  })
})
