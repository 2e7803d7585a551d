import * as z from '@janus/core/zod'
import { path } from '../settings/setting.js'

/** A path that may stand in a plan: absolute and normalised. */
const place = () =>
  path()
    .max(512)
    .regex(/^\/(?!.*(\/\/|\/\.(\/|$)))[^\p{Cc}]*[^/\p{Cc}]$/u, 'must be an absolute, normalised path')

/** Options of agent-install. */
export const installOptions = z.strictObject({
  config: place().default('/etc/janus/agent.yaml').describe('the configuration; one that is there is never changed'),
  stateDirectory: place()
    .default('/srv/janus/state')
    .describe('directory of the record and the socket, for a configuration that is made'),
  user: z
    .string()
    .regex(/^[a-z_][a-z0-9_-]{0,30}$/, 'must be the name of a user')
    .default('janus')
    .describe('user that the agent runs as, made when it is not there; root for an agent that applies module plans'),
  home: place().default('/srv/janus').describe('home of a user that is made, and directory of what the agent keeps'),
  vessel: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,63}$/, 'must be lower-case letters, digits and hyphens')
    .optional()
    .describe('vessel_id, for a configuration that is made'),
  charter: place().optional().describe('charter, copied beside a configuration that is made'),
  program: place().optional().describe('the program janus that the units start; default: the one on PATH'),
  addresses: z
    .array(z.string().regex(/^[0-9a-f.:]{2,45}(\/\d{1,3})?$/, 'must be an address, or a network like 192.0.2.0/24'))
    .max(32)
    .default([])
    .describe('addresses that the agent may reach besides loopback while no tool may reach a domain'),
  enable: z.boolean().default(true).describe('the units start with the machine'),
  start: z.boolean().default(false).describe('the units are started now'),
})

/** Options of agent-install as the module sees them. */
export type InstallOptions = z.output<typeof installOptions>
