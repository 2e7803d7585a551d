import { emptyDirectory, lifeCycleSuite, moduleSuite } from '@janus/core/testing'
import { test } from 'vitest'
import { agentInstall } from '../../src/index.js'
import { installMachine } from './install-machine.js'

const proves = [
  'install-user',
  'install-directories',
  'install-configuration',
  'install-service',
  'install-security',
  'install-verification',
]

const MISSIONS = '/srv/janus/03_OPERATIONS/vessels/balaur/runtime/controls/missions'
/** Of the user that will be made again: an uninstallation leaves what is not empty. Each order costs a crash more, and the first machine makes them all. */
const left = Object.fromEntries(
  [
    ...['/srv/vessel', '/srv/vessel/state', '/srv/janus', '/srv/janus/workspaces', '/srv/janus/intel_cache'],
    ...['/srv/janus/runtime/state', MISSIONS, '/var/log/janus'],
  ].map((path) => [path, emptyDirectory({ mode: 0o750, uid: 998, gid: 998 })]),
)

const fixtures = [
  { title: 'a machine with systemd', kernel: () => installMachine(), options: {}, proves },
  {
    title: 'a user by shadow-utils, other places that an earlier installation left, not enabled',
    kernel: () =>
      installMachine({
        without: ['/usr/bin/systemd-sysusers'],
        files: { '/etc/charter.txt': 'Do no harm.\n', ...left },
      }),
    options: {
      config: '/etc/vessel/agent.yaml',
      stateDirectory: '/srv/vessel/state',
      home: '/srv/vessel',
      user: 'vessel',
      vessel: 'argo',
      charter: '/etc/charter.txt',
      addresses: ['172.16.15.0/24'],
      enable: false,
    },
    proves: [...proves, 'install-memory'],
  },
  {
    title: 'half of it is there, and AppArmor restricts user namespaces without a profile of the distribution',
    kernel: () =>
      installMachine({
        appArmor: 'bare',
        files: {
          '/etc/passwd': 'root:x:0:0:root:/root:/bin/bash\njanus:x:812:812::/srv/janus:/bin/false\n',
          '/etc/group': 'root:x:0:\njanus:x:812:\n',
          '/etc/janus/agent.yaml': 'state_directory: /srv/janus/state\n',
          '/srv/janus': emptyDirectory({ mode: 0o750, uid: 812, gid: 812 }),
          '/etc/systemd/system/janus-agent.service': '[Service]\nExecStart=/old\n',
        },
      }),
    options: {},
    proves,
  },
]

const shipped = {
  title: 'AppArmor restricts user namespaces, with the profile of the distribution',
  kernel: () => installMachine({ appArmor: 'shipped' }),
  options: {},
}

moduleSuite({ test, module: agentInstall, fixtures: [...fixtures, shipped] })
lifeCycleSuite({ test, module: agentInstall, fixtures })
