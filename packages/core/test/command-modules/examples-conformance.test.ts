import { fileURLToPath } from 'node:url'
import { programSuite } from '@janus/core/testing'
import { describe, test } from 'vitest'

const example = (path: string): string =>
  fileURLToPath(new URL(`../../../../examples/modules/${path}`, import.meta.url))

describe('the example in bash keeps Module API v1', () =>
  programSuite({
    test,
    file: example('host/swappiness.sh'),
    fixtures: [
      { title: 'a machine', files: { '/etc/sysctl.d/README': 'x\n' }, options: { value: 5 } },
      {
        title: 'a setting of somebody else',
        files: { '/etc/sysctl.d/90-janus-swappiness.conf': 'vm.swappiness = 1\n' },
        refuses: true,
      },
    ],
  }))

describe('the example in Python keeps Module API v1', () =>
  programSuite({
    test,
    file: example('cpu-governor/cpu_governor.py'),
    stated: { id: 'cpu-governor', type: 'cpu', version: '0.1.0' },
    fixtures: [
      {
        title: 'a processor whose frequency the kernel sets',
        files: {
          '/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor': 'schedutil\n',
          '/etc/tmpfiles.d/README': 'x\n',
        },
      },
      {
        title: 'a setting of somebody else',
        files: { '/etc/tmpfiles.d/janus-cpu-governor.conf': 'w /x\n' },
        refuses: true,
      },
    ],
  }))
