export type {
  ArgumentGrammar,
  ArgumentOption,
  ArgumentPositional,
  ArgumentValue,
  ToolManifest,
  ToolSideEffects,
} from '@janus/core'
