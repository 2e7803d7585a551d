export { type CollectReportOptions, collectReport } from './collect/collect-report.js'
export type { ReportData, ReportMachine } from './contract/report-data.js'
export { renderReport } from './render/render-report.js'
