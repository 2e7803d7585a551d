export { type DiagnoseSettings, diagnose } from './diagnose.js'
