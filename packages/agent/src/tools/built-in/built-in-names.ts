/** Names of the tools that come with the agent. */
export const BUILT_IN_NAMES: readonly string[] = [
  'shell',
  'curl',
  'git',
  'rg',
  'jq',
  'python',
  'llama-cli',
  'node_generator',
  'file_chunker',
]
