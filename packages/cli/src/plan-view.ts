import type { Janus, Plan } from '@janus/core'
import { type DevicesInPlan, devicesInPlan, isAboutDevices } from './render/devices.js'

/** A plan and, when it is about devices, who uses them: the `data` of every command that shows a plan. */
export interface PlanView {
  readonly plan: Plan
  readonly devices?: DevicesInPlan
}

/** Asks the facade for what a reader of this plan wants to see beside it. */
export async function viewPlan(janus: Janus, plan: Plan): Promise<PlanView> {
  return isAboutDevices(plan) ? { plan, devices: devicesInPlan(plan, await janus.inventory()) } : { plan }
}
