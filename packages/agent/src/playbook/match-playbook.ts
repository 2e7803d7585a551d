import type { ApprovedPlaybook, Metrics, TriggerCondition } from '../contract/playbook.js'

/**
 * The first playbook, in the order in which they were approved, whose triggers all hold. A metric that is missing holds nothing, and a playbook without triggers never runs by itself.
 */
export function matchPlaybook(playbooks: Iterable<ApprovedPlaybook>, metrics: Metrics): ApprovedPlaybook | undefined {
  for (const approved of playbooks) {
    const triggers = Object.entries(approved.playbook.triggerConditions)
    if (triggers.length > 0 && triggers.every(([name, trigger]) => holds(trigger, metricOf(metrics, name))))
      return approved
  }
  return undefined
}

/** True when a trigger holds for the value of its metric. */
export function holds(trigger: TriggerCondition, value: Metrics[string] | undefined): boolean {
  if (value === undefined || (typeof value === 'number' && Number.isNaN(value))) return false
  switch (trigger.operator) {
    case '==':
      return value === trigger.value
    case '!=':
      return value !== trigger.value
    case 'in':
      return trigger.values.some((member) => member === value)
    case 'between':
      return typeof value === 'number' && value >= trigger.from && value <= trigger.to
    default:
      return (
        typeof value === 'number' &&
        typeof trigger.value === 'number' &&
        compared(trigger.operator, value, trigger.value)
      )
  }
}

function compared(operator: '>' | '>=' | '<' | '<=', value: number, operand: number): boolean {
  switch (operator) {
    case '>':
      return value > operand
    case '>=':
      return value >= operand
    case '<':
      return value < operand
    case '<=':
      return value <= operand
  }
}

function metricOf(metrics: Metrics, name: string): Metrics[string] | undefined {
  return Object.hasOwn(metrics, name) ? metrics[name] : undefined
}
