export type { Diagnostic } from './contract/diagnostic.js'
