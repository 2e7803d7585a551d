export { type CreatedModule, type CreateModuleOptions, createModule } from './create-module.js'
export { isModuleId, isPackageName, type ModuleTemplate, moduleTemplates } from './names.js'
