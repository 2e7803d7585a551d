// Records what the kernel answers to every kind of write that Janus or its rivals may make, for the in-memory kernel model.
// Argument: the part to record (`driver-model` on the standard machine, `without-iommu` on one that has none).
import { absentIommu } from './kernel-answers/absent-iommu.mjs'
import { binding } from './kernel-answers/binding.mjs'
import { identifiers } from './kernel-answers/identifiers.mjs'
import { memory } from './kernel-answers/memory.mjs'
import { moduleLoading } from './kernel-answers/module-loading.mjs'
import { otherAttributes } from './kernel-answers/other-attributes.mjs'
import { override } from './kernel-answers/override.mjs'
import { createRecorder } from './kernel-answers/recorder.mjs'
import { unbindable } from './kernel-answers/unbindable.mjs'
import { vfioUse } from './kernel-answers/vfio-use.mjs'
import { virtualFunctions } from './kernel-answers/virtual-functions.mjs'
import { finish } from './kit.mjs'

const parts = {
  // Module loading comes first: it needs a kernel that has not loaded vfio-pci yet.
  'driver-model': [
    moduleLoading,
    override,
    binding,
    unbindable,
    virtualFunctions,
    identifiers,
    otherAttributes,
    memory,
    vfioUse,
  ],
  'without-iommu': [absentIommu],
}

const recorder = createRecorder()
for (const part of parts[process.argv[2]]) {
  await part(recorder)
  recorder.checkRestored(part.name)
}
recorder.finish()
finish()
