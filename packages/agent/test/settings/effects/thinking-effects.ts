import { expect } from 'vitest'
import { breakerOf, missionsOf, modelOf, thinkingOf } from '../../../src/index.js'
import { effectivePermission } from '../../../src/mode/effective-permission.js'
import { effect, type SettingEffects } from './setting-effect.js'

const MODEL = { 'llm.model_path': '/model.gguf' }
const SERVER = { 'llm.base_url': 'http://127.0.0.1:8080/v1' }
const deadlines = (more: Readonly<Record<string, number>>) =>
  expect.objectContaining({ deadlines: expect.objectContaining(more) })
const BY_ITSELF = { operational_mode: 'beta', 'auto_executor.enabled': true }

export const thinkingEffects: SettingEffects = {
  'constitutional.memory_path': effect('/a', (settings) => thinkingOf(settings)?.constitutionalMemory, '/a'),
  'llm.model_path': effect('/a', (settings) => modelOf(settings).kind, 'llama'),
  'llm.llama_cli_path': effect('/a', modelOf, expect.objectContaining({ program: '/a' }), MODEL),
  'llm.missions_dir': effect('/a', (settings) => missionsOf(settings).directory, '/a'),
  'llm.default_temp': effect(0.1, modelOf, expect.objectContaining({ temperature: 0.1 }), MODEL),
  'llm.default_n_predict': effect(7, modelOf, expect.objectContaining({ mostTokens: 7 }), MODEL),
  'llm.threads': effect(3, modelOf, expect.objectContaining({ threads: 3 }), MODEL),
  'llm.base_url': effect(
    'http://[::1]:1/v1',
    modelOf,
    expect.objectContaining({ baseUrl: 'http://[::1]:1/v1' }),
    MODEL,
  ),
  'llm.allowed_hosts': effect(['a.test'], modelOf, expect.objectContaining({ allowedHosts: ['a.test'] }), SERVER),
  'llm.model': effect('qwen3', modelOf, expect.objectContaining({ model: 'qwen3' }), SERVER),
  'llm.api_key_file': effect('/a', modelOf, expect.objectContaining({ apiKey: { file: '/a' } }), SERVER),
  'llm.api_key_env': effect('KEY', modelOf, expect.objectContaining({ apiKey: { variable: 'KEY' } }), SERVER),
  'llm.stream': effect(false, modelOf, expect.objectContaining({ stream: false }), SERVER),
  'llm.connect_timeout_seconds': effect(1, modelOf, deadlines({ connect: 1000 }), SERVER),
  'llm.first_byte_timeout_seconds': effect(1, modelOf, deadlines({ firstByte: 1000 }), SERVER),
  'llm.total_timeout_seconds': effect(1, modelOf, deadlines({ total: 1000 }), SERVER),
  'llm.max_reply_bytes': effect(2048, modelOf, expect.objectContaining({ mostReplyBytes: 2048 }), SERVER),
  'llm.breaker_failures': effect(7, (settings) => breakerOf(settings).failures, 7),
  'llm.breaker_pause_seconds': effect(7, (settings) => breakerOf(settings).pauseMilliseconds, 7000),
  'thinking_cycle.material_roots': effect(['/a'], (settings) => missionsOf(settings).materialRoots.at(-1), '/a'),
  'thinking_cycle.enabled': effect(false, thinkingOf, undefined),
  'thinking_cycle.cycle_interval_seconds': effect(60, (settings) => thinkingOf(settings)?.intervalMilliseconds, 60_000),
  'thinking_cycle.cycle_interval_hours': effect(2, (settings) => thinkingOf(settings)?.intervalMilliseconds, 7_200_000),
  'thinking_cycle.enable_autonomous_proposals': effect(
    true,
    (settings) => thinkingOf(settings)?.proposesByItself,
    true,
  ),
  'thinking_cycle.max_proposals_per_cycle': effect(1, (settings) => thinkingOf(settings)?.mostProposals, 1),
  'thinking_cycle.mission_objectives_path': effect('/a', (settings) => missionsOf(settings).objectivesFile, '/a'),
  'thinking_cycle.mission_file_path': effect('/a', (settings) => missionsOf(settings).file, '/a'),
  'thinking_cycle.playbook_registry_path': effect('/a', (settings) => thinkingOf(settings)?.playbooksFile, '/a', {
    'playbooks.registry_path': '/b',
  }),
  'thinking_cycle.constitutional_memory_path': effect(
    '/a',
    (settings) => thinkingOf(settings)?.constitutionalMemory,
    '/a',
    { 'constitutional.memory_path': '/b' },
  ),
  'thinking_cycle.study_materials_max_chars': effect(9, (settings) => thinkingOf(settings)?.mostMaterialCharacters, 9),
  'playbooks.enabled': effect(
    false,
    (settings) => effectivePermission('beta', settings).runPlaybooks,
    false,
    BY_ITSELF,
  ),
  'playbooks.registry_path': effect('/a', (settings) => thinkingOf(settings)?.playbooksFile, '/a'),
  'playbooks.auto_approve': effect(
    false,
    (settings) => effectivePermission('beta', settings).runPlaybooks,
    false,
    BY_ITSELF,
  ),
  'debug.simulate_llm': effect(true, (settings) => modelOf(settings).kind, 'scripted', MODEL),
}
