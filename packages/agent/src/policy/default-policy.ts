import type { Policy } from '../contract/policy.js'
import type { AgentSettings } from '../settings/agent-settings.js'
import { configuredToolNames } from '../tools/tool-registry.js'

/**
 * The policy that is in force until another one is adopted: what is configured may run once a person approved it, with the network of
 * `security.network.allowed_domains`. What may run without a person is another question, see `effectivePermission`.
 */
export function defaultPolicy(settings: AgentSettings): Policy {
  return {
    schema: 'janus.policy/1',
    name: 'built-in',
    rules: [
      {
        id: 'configured-tools',
        effect: 'allow',
        when: {
          actionKinds: ['tool'],
          tools: configuredToolNames(settings),
          network: settings.security.network.allowed_domains,
        },
        because: 'tools that are configured, on the domains that are allowed',
      },
      {
        id: 'module-plans',
        effect: 'allow',
        when: { actionKinds: ['module'] },
        because: 'plans of modules, which are read change by change and can be undone',
      },
      {
        id: 'changes-of-the-rules',
        effect: 'allow',
        when: { actionKinds: ['governance'] },
        because: 'changes of the rules, after their review time',
      },
    ],
  }
}
