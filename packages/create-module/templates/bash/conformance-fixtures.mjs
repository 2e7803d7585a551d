/** Machines that `janus module test .` tries the module on. They exist in a folder only; nothing of yours is changed. */
export default [
  { title: 'a machine without the file', files: { '/etc/sysctl.d': { directory: true } }, options: { value: 10 } },
  {
    title: 'a machine with a file of somebody else',
    files: { '/etc/sysctl.d/90-__id__.conf': 'vm.swappiness = 60\n' },
    refuses: true,
  },
]
