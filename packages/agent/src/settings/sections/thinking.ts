import * as z from '@janus/core/zod'
import { path, section, setting } from '../setting.js'

const SECONDS = z
  .number()
  .min(1)
  .max(366 * 86_400)

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
