import * as z from '@janus/core/zod'
import { path, section, setting } from '../setting.js'

const SECONDS = z
  .number()
  .min(1)
  .max(366 * 86_400)

const TIMEOUT = z.number().min(0.01).max(86_400)
/** `http` or `https`; user and password have no place in it, they would be shown. */
const BASE_URL = z
  .string()
  .max(2000)
  .regex(/^https?:\/\/[^\s@?#]+$/, 'must be an http or https address without user, query and fragment')
const HOST = z
  .string()
  .regex(/^[a-z0-9.:-]{1,253}$/, 'must be a host name in lower case, or an address without brackets')

/** What proposals come from. */
export const thinkingSettings = {
  llm: section({
    model_path: setting(path().nullable().default(null), { does: 'model file of llama.cpp' }),
    llama_cli_path: setting(path().default('/srv/janus/bin/llama-cli'), { does: 'llama.cpp’s program' }),
    missions_dir: setting(path().default('/srv/janus/03_OPERATIONS/vessels/balaur/runtime/controls/missions'), {
      does: 'directory of the mission files',
    }),
    default_temp: setting(z.number().min(0).max(2).default(0.7), {
      does: 'temperature of answers that are no proposals',
    }),
    default_n_predict: setting(z.int().min(1).max(131_072).default(512), { does: 'tokens of an answer at most' }),
    threads: setting(z.int().min(1).max(1024).default(8), { does: 'threads of llama.cpp' }),
    base_url: setting(BASE_URL.nullable().default(null), {
      does: 'server that speaks the OpenAI chat API, `http://127.0.0.1:8080/v1`; goes before model_path',
    }),
    allowed_hosts: setting(z.array(HOST).max(100).default([]), {
      does: 'hosts besides this one that base_url may name',
      strict: 'fewer',
    }),
    model: setting(z.string().min(1).max(200).default('default'), {
      does: 'name of the model that the server is asked for',
    }),
    api_key_file: setting(path().nullable().default(null), {
      does: 'file with the key for the server, which only its owner may read',
    }),
    api_key_env: setting(
      z
        .string()
        .regex(/^[A-Za-z_][A-Za-z0-9_]{0,127}$/, 'must be the name of an environment variable')
        .nullable()
        .default(null),
      { does: 'name of the environment variable with that key' },
    ),
    stream: setting(z.boolean().default(true), { does: 'the server is asked to answer piece by piece' }),
    connect_timeout_seconds: setting(TIMEOUT.default(10), { does: 'seconds until the server must be connected' }),
    first_byte_timeout_seconds: setting(TIMEOUT.default(300), {
      does: 'seconds until the answer must begin; a model without a GPU reads for minutes',
    }),
    total_timeout_seconds: setting(TIMEOUT.default(600), { does: 'seconds until the answer must be whole' }),
    max_reply_bytes: setting(z.int().min(1024).max(4_194_304).default(262_144), {
      does: 'bytes of an answer at most',
      strict: 'lower',
    }),
    breaker_failures: setting(z.int().min(1).max(1000).default(3), {
      does: 'failures one after another that open the breaker: the model is left alone',
    }),
    breaker_pause_seconds: setting(SECONDS.default(300), { does: 'seconds until an open breaker tries again' }),
  }),
  thinking_cycle: section({
    enabled: setting(z.boolean().default(true), { does: 'the agent thinks at all' }),
    cycle_interval_seconds: setting(SECONDS.optional(), { does: 'seconds between two cycles' }),
    cycle_interval_hours: setting(z.number().min(0.001).max(8784).optional(), { does: 'the same in hours; default 1' }),
    enable_autonomous_proposals: setting(z.boolean().default(false), { does: 'it proposes what nobody asked for' }),
    max_proposals_per_cycle: setting(z.int().min(1).max(100).default(3), {
      does: 'proposals of one cycle at most',
      strict: 'lower',
    }),
    mission_objectives_path: setting(path().nullable().default(null), { does: 'file of the objectives' }),
    mission_file_path: setting(path().nullable().default(null), { does: 'file of the mission' }),
    playbook_registry_path: setting(path().nullable().default(null), {
      does: 'the playbooks; goes before playbooks.registry_path',
    }),
    constitutional_memory_path: setting(path().nullable().default(null), {
      does: 'goes before constitutional.memory_path',
    }),
    study_materials_max_chars: setting(z.int().min(0).max(1_000_000).default(6000), {
      does: 'characters of one study material',
    }),
    material_roots: setting(z.array(path()).max(100).default([]), {
      does: 'directories besides llm.missions_dir that study materials may be read from',
      strict: 'fewer',
    }),
  }),
  playbooks: section({
    enabled: setting(z.boolean().default(true), { does: 'playbooks run at all', strict: 'false' }),
    registry_path: setting(path().default('/srv/janus/config/playbooks.json'), { does: 'file of the playbooks' }),
    auto_approve: setting(z.boolean().default(true), {
      does: 'steps of signed playbooks need no person',
      strict: 'false',
    }),
  }),
}
