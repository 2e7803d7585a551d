export { createPlan, type PlanIngredients } from './create-plan.js'
export type { DigestedPlan } from './plan-digest.js'
export { type PlanModuleSettings, planModule } from './plan-module.js'
export { readPlan } from './read-plan.js'
