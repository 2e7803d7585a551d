import type { Change } from '@janus/core'
import { accountChanges } from './account.js'
import { appArmorChanges } from './apparmor.js'
import { configurationChanges } from './configuration.js'
import { placeChanges, writtenPlaces } from './places.js'
import { requireRootsOwn } from './require-roots-own.js'
import { requireVisible } from './require-visible.js'
import { serviceChanges } from './service.js'
import { type InstallSurvey, requireInstallable } from './survey.js'

/** The changes of an installation, step by step. */
export interface InstallSteps {
  readonly user: readonly Change[]
  readonly directories: readonly Change[]
  readonly configuration: readonly Change[]
  readonly security: readonly Change[]
  readonly service: readonly Change[]
}

/**
 * What is missing of an installation, in the order in which it is made.
 * @throws JANUS_HOST_UNFIT, JANUS_HOST_UNREADABLE with what is in the way; JANUS_AGENT_CONFIG_INVALID for a path that no unit can hold
 */
export async function installSteps(survey: InstallSurvey): Promise<InstallSteps> {
  const { host, account, toolAccount, programs, places, configuration, appArmor, unit, options } = survey
  await requireInstallable(survey)
  requireVisible(survey)
  await requireRootsOwn(survey)
  return {
    user: await accountChanges(host, toolAccount ?? account, {
      programs,
      keeps: toolAccount === undefined ? writtenPlaces(places) : [],
    }),
    directories: await placeChanges(host, places, account),
    configuration: configurationChanges(configuration, account),
    security: await appArmorChanges(host, appArmor, programs),
    service: await serviceChanges(host, { settings: configuration.settings, paths: unit, options, programs }),
  }
}

/** The same as one list. */
export function changesOfSteps(steps: InstallSteps): readonly Change[] {
  return [...steps.user, ...steps.directories, ...steps.configuration, ...steps.security, ...steps.service]
}
