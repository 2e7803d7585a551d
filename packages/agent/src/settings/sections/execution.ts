import { argumentGrammarSchema, toolCommand } from '@janus/core/schemas'
import * as z from '@janus/core/zod'
import { BUILT_IN_NAMES } from '../../tools/built-in/built-in-names.js'
import { path, section, setting, texts } from '../setting.js'

const RISK = z.enum(['low', 'medium', 'high'])

/** A tool as the documents declare it, and what may be said of it besides. */
export const toolSettingSchema = z
  .strictObject({
    name: z.string().regex(/^[a-z0-9][a-z0-9_-]{0,63}$/, 'must be lower-case letters, digits, "_" and "-"'),
    /** Left out: the built-in tool of this name, or that of a package. */
    command: toolCommand.optional(),
    /** The package that brings it. */
    package: z.string().min(1).max(214).optional(),
    allow_network: z.boolean().default(false),
    working_directory: path().optional(),
    environment: z.record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/), z.string().max(32_768)).optional(),
    description: z.string().max(500).optional(),
    side_effects: z.enum(['none', 'workspace', 'outside']).optional(),
    writes: z.boolean().optional(),
    idempotent: z.boolean().optional(),
    reversible: z.boolean().optional(),
    interpreter: z.boolean().optional(),
    arguments: argumentGrammarSchema.optional(),
    probe: toolCommand.optional(),
  })
  .refine(({ command, package: source }) => command === undefined || source === undefined, {
    message: 'a tool has a command, or a package that brings it',
  })
  .refine(
    ({ name, command, package: source }) =>
      command !== undefined || source !== undefined || BUILT_IN_NAMES.includes(name),
    {
      message: `a tool without command and package is one of ${BUILT_IN_NAMES.join(', ')}`,
    },
  )

/** How and with what tools are run. */
export const executionSettings = {
  sandbox: section({
    root: setting(path().default('/srv/janus/workspaces'), { does: 'directory of the workspaces' }),
    bubblewrap_path: setting(path().default('/usr/bin/bwrap'), { does: 'the sandbox program', strict: 'none' }),
    shell_path: setting(path().default('/bin/bash'), { does: 'the program of the tool `shell`', strict: 'none' }),
    dynamic_user: setting(z.string().min(1).max(32).default('janus'), {
      does: 'user that tools run as when the agent is root',
      strict: 'none',
    }),
    allow_unsandboxed_dev: setting(z.boolean().default(false), {
      does: 'runs approved by a person may go without a sandbox, never as root, never by themselves',
      strict: 'false',
    }),
    policy: section({
      cpu_quota_percent: setting(z.int().min(1).max(10_000).default(150), {
        does: 'processor time of one run, percent of one CPU',
        strict: 'lower',
      }),
      memory_limit_mb: setting(z.int().min(16).max(1_048_576).default(2048), {
        does: 'memory of one run, MiB',
        strict: 'lower',
      }),
      allow_network: setting(z.boolean().default(false), {
        does: 'tools may use the network without being allowed it one by one',
        strict: 'false',
      }),
      read_only_paths: setting(texts().default([]), {
        does: 'paths that every tool may read besides /usr',
        strict: 'fewer',
      }),
      writable_paths: setting(texts().default([]), {
        does: 'paths that every tool may write besides its workspace',
        strict: 'fewer',
      }),
      preserved_env: setting(
        z
          .array(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/))
          .max(64)
          .default(['PATH', 'LANG', 'LC_ALL']),
        {
          does: 'variables that tools are given',
          strict: 'fewer',
        },
      ),
    }),
  }),
  tools: setting(z.array(toolSettingSchema).max(200).default([]), {
    does: 'tools that may be proposed',
    strict: 'fewer',
  }),
  auto_executor: section({
    enabled: setting(z.boolean().default(false), {
      does: 'false: nothing runs that no person approved',
      strict: 'false',
    }),
    poll_interval_seconds: setting(z.number().min(5).max(86_400).default(60), {
      does: 'seconds between two looks for work',
    }),
    auto_approval_source: setting(
      z
        .string()
        .regex(/^[a-z0-9][a-z0-9-]{0,63}$/)
        .default('auto-approval-system'),
      { does: 'name under which the rule approves, on the record' },
    ),
    allowed_tools: setting(texts().default(['llama-cli', 'shell', 'node_generator']), {
      does: 'tools that the rule may approve',
      strict: 'fewer',
    }),
    allowed_action_types: setting(
      texts().default(['analysis', 'optimization_experiment', 'generate_new_nodes', 'reconnaissance']),
      { does: 'action types that the rule may approve', strict: 'fewer' },
    ),
    max_risk_level: setting(RISK.default('low'), {
      does: 'highest risk that the rule may approve; never above low',
      strict: 'none',
    }),
    resource_limits: section({
      cpu_percent_max: setting(z.int().min(1).max(10_000).default(80), {
        does: 'processor time of a run by itself, percent of one CPU',
        strict: 'lower',
      }),
      memory_mb_max: setting(z.int().min(16).max(1_048_576).default(2048), {
        does: 'its memory, MiB',
        strict: 'lower',
      }),
      disk_mb_max: setting(z.int().min(1).max(1_048_576).default(100), {
        does: 'what it may write, MiB',
        strict: 'lower',
      }),
      timeout_seconds: setting(z.int().min(1).max(86_400).default(600), {
        does: 'seconds until it is ended',
        strict: 'lower',
      }),
    }),
  }),
  security: section({
    allowed_tools: setting(texts().nullable().default(null), {
      does: 'only these tools may be proposed; null: all that are configured',
      strict: 'fewer',
    }),
    minimum_review_days: setting(z.number().min(0).max(365).default(7), {
      does: 'days until an approved change of the rules takes effect',
      strict: 'higher',
    }),
    network: section({
      allowed_domains: setting(texts().default([]), {
        does: 'domains that tools with a network may reach',
        strict: 'fewer',
      }),
      rate_limits: section({
        requests_per_minute: setting(z.int().min(1).max(100_000).default(30), {
          does: 'requests of all tools a minute',
          strict: 'lower',
        }),
        requests_per_hour: setting(z.int().min(1).max(1_000_000).default(500), {
          does: 'and an hour',
          strict: 'lower',
        }),
      }),
    }),
    filesystem: section({
      max_workspace_size_mb: setting(z.int().min(1).max(1_048_576).default(1024), {
        does: 'bytes of one workspace, MiB',
        strict: 'lower',
      }),
      workspace_retention_days: setting(z.int().min(0).max(3650).default(7), {
        does: 'days that a workspace is kept after its run',
      }),
      auto_cleanup_enabled: setting(z.boolean().default(true), { does: 'workspaces are removed after that time' }),
    }),
  }),
}
