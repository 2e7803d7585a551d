/** When a clause of the Module API concerns a module. */
export type ClauseScope =
  /** Every module. */
  | 'always'
  /** A module that can apply. */
  | 'apply'
  /** A module with a rollback of its own. */
  | 'rollback'

/** A clause of the Module API: what must hold, and for whom. */
export interface Clause {
  readonly title: string
  readonly scope: ClauseScope
}

/**
 * The clauses that the conformance suite tries on a module made with defineModule, by id. An id never changes its meaning;
 * `docs/module-api-v1.md` has a line for each.
 */
export const MODULE_CLAUSES = {
  metadata: clause('always', 'has an id, type, version, summary and API version of the right form'),
  brand: clause('always', 'is what defineModule returns: branded and frozen'),
  'options-strict': clause('always', 'refuses an option it does not know'),
  'options-junk': clause('always', 'refuses options that are no object, without throwing'),
  'options-json-schema': clause('always', 'has options that can be told as JSON Schema'),
  'options-accepted': clause('apply', 'accepts the options of the fixture, twice with the same result'),
  supports: clause('always', 'says truly whether it can apply'),
  'check-changes-nothing': clause('always', 'check changes nothing, neither the machine nor what it is given'),
  'check-leaves-the-process-alone': clause('always', 'check prints nothing and leaves environment and process alone'),
  'check-repeatable': clause('always', 'check answers the same twice'),
  'findings-form': clause('always', 'findings have an id, a status, a summary and evidence of the right form'),
  'findings-unique': clause('always', 'no two findings have one id'),
  'findings-remedy': clause('always', 'every warning and every critical finding has a remedy'),
  'check-abort': clause('always', 'check ends when it is cancelled'),
  'check-answers-anywhere': clause('always', 'check answers instead of throwing'),
  'apply-changes-nothing': clause('apply', 'apply only computes: it changes neither the machine nor what it is given'),
  'apply-leaves-the-process-alone': clause('apply', 'apply prints nothing and leaves environment and process alone'),
  'apply-deterministic': clause('apply', 'apply returns the same changes twice'),
  'changes-form': clause('apply', 'every change is one that Janus carries out'),
  'apply-errors': clause('apply', 'apply on a host that does not suit it fails with an error of the catalogue'),
  'apply-abort': clause('apply', 'apply ends when it is cancelled'),
  'rollback-form': clause('apply', 'rollback only computes, and returns changes that Janus carries out'),
  'apply-reaches-its-goal': clause(
    'apply',
    'what apply asks for can be carried out, and then there is nothing left to do',
  ),
  'undo-restores': clause('apply', 'apply and undo leave the machine as it was'),
  'rollback-without-apply': clause('rollback', 'rollback asks for nothing where nothing was applied'),
  'both-ways-back': clause('rollback', 'the journal and its own rollback lead to the same machine'),
} as const satisfies Record<string, Clause>

/** Id of one of {@link MODULE_CLAUSES}. */
export type ModuleClauseId = keyof typeof MODULE_CLAUSES

/** Id and title of a case. @param on what the clause is tried on */
export function titled(id: ModuleClauseId, on?: string): { readonly id: ModuleClauseId; readonly title: string } {
  const { title } = MODULE_CLAUSES[id]
  return { id, title: on === undefined ? title : `${title}: ${on}` }
}

function clause(scope: ClauseScope, title: string): Clause {
  return { title, scope }
}
