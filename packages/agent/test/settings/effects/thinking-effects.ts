import { expect } from 'vitest'
import { missionsOf, modelOf, thinkingOf } from '../../../src/index.js'
import { effectivePermission } from '../../../src/mode/effective-permission.js'
import { effect, type SettingEffects } from './setting-effect.js'

const MODEL = { 'llm.model_path': '/model.gguf' }
const BY_ITSELF = { operational_mode: 'beta', 'auto_executor.enabled': true }

export const thinkingEffects: SettingEffects = {
  'constitutional.memory_path': effect('/a', (settings) => thinkingOf(settings)?.constitutionalMemory, '/a'),
  'llm.model_path': effect('/a', (settings) => modelOf(settings).kind, 'llama'),
  'llm.llama_cli_path': effect('/a', modelOf, expect.objectContaining({ program: '/a' }), MODEL),
  'llm.missions_dir': effect('/a', (settings) => missionsOf(settings).directory, '/a'),
  'llm.default_temp': effect(0.1, modelOf, expect.objectContaining({ temperature: 0.1 }), MODEL),
  'llm.default_n_predict': effect(7, modelOf, expect.objectContaining({ mostTokens: 7 }), MODEL),
  'llm.threads': effect(3, modelOf, expect.objectContaining({ threads: 3 }), MODEL),
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
