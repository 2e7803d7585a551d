export { type LifeCycleFixture, type LifeCycleSuiteOptions, lifeCycleSuite } from './life-cycle-suite.js'
