export { type ProgramSuiteOptions, programCases, programSuite } from './program-cases.js'
export { PROGRAM_CLAUSES, type ProgramClause, type ProgramClauseId } from './program-clauses.js'
export type { ProgramFixture, ProgramSubject } from './program-subject.js'
export { runProgramConformance } from './run-program-conformance.js'
