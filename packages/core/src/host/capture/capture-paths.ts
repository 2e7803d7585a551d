/**
 * What a capture reads, and nothing else. `*` stands for any text in a name and `#` for
 * a number, and the directory is then listed completely; `{a,b}` stands for these; `<release>` for the kernel's. Links on the way are followed and recorded.
 * - `text`: the content of a file, with mode and owner where it is none of the kernel's; `link`: where a link points;
 * - `names`: all names in a directory;
 * - `presence`: that something is there, for a device with its number and mode.
 */
export interface CapturePath {
  readonly kind: 'text' | 'link' | 'names' | 'presence'
  readonly pattern: string
  /** A path that, once captured, makes this one needless: what replaced it in newer kernels. */
  readonly unless?: string
}

const ATTRIBUTES = [
  'vendor,device,class,revision,subsystem_vendor,subsystem_device,modalias,numa_node,boot_vga,enable',
  'driver_override,reset_method,d3cold_allowed,power_state,local_cpulist,irq,secondary_bus_number',
  'sriov_totalvfs,sriov_numvfs,sriov_drivers_autoprobe,sriov_offset,sriov_stride',
].join(',')

const HUGEPAGES = 'nr_hugepages,free_hugepages,surplus_hugepages,resv_hugepages,nr_overcommit_hugepages'

const FREQUENCY = [
  'affected_cpus,related_cpus,scaling_driver,scaling_governor,scaling_available_governors,scaling_setspeed',
  'energy_performance_preference,energy_performance_available_preferences',
].join(',')

/** Programs that set what is set here, too: systemd keeps a control group for each that runs. */
const SERVICES = 'irqbalance,tuned,tuned-ppd,power-profiles-daemon,tlp,auto-cpufreq'

/** Units whose drop-ins are looked for by name: a listing of systemd's folders would show what else the machine runs. */
const SLICES = 'system.slice,user.slice,init.scope,machine.slice'

const TEXTS = [
  '/proc/{fb,devices,cmdline,cpuinfo,meminfo,modules,swaps,filesystems,mdstat,iomem,interrupts,version}',
  '/proc/{self,1}/mountinfo',
  '/proc/net/{route,ipv6_route,if_inet6,tcp,tcp6}',
  '/proc/sys/kernel/{osrelease,arch,random/boot_id}',
  '/proc/driver/nvidia/gpus/*/information',
  '/etc/{os-release,fstab,crypttab}',
  '/usr/lib/os-release',
  '/etc/ssh/sshd_config',
  '/etc/ssh/sshd_config.d/*',
  '/{etc,run,usr/local/lib,usr/lib,lib}/modprobe.d/*',
  '/lib/modules/<release>/{modules.builtin,modules.dep,modules.alias,modules.softdep}',
  `/sys/bus/pci/devices/*/{${ATTRIBUTES}}`,
  '/sys/bus/pci/devices/*/power/{control,runtime_status}',
  '/sys/kernel/iommu_groups/*/{type,reserved_regions}',
  '/sys/class/block/*/{dev,partition,size,removable,ro,dm/name,dm/uuid,loop/backing_file}',
  '/sys/class/net/*/{uevent,operstate,type}',
  '/sys/class/drm/card#-*/{status,enabled}',
  '/sys/class/graphics/*/{name,dev}',
  '/sys/bus/pci/devices/*/drm/{card#,renderD#}/dev',
  '/sys/class/vtconsole/*/{name,bind}',
  '/sys/module/nvidia/version',
  '/etc/udev/rules.d/82-janus-sriov-*.rules',
  '/etc/udev/rules.d/05-janus-vfio.rules',
  '/etc/initramfs-tools/{scripts/init-top/00-janus-vfio,hooks/janus-vfio}',
  '/usr/lib/dracut/modules.d/91janus-vfio/{janus-vfio.sh,module-setup.sh}',
  '/etc/initcpio/{hooks/janus-vfio,install/janus-vfio,janus-vfio.service,janus-vfio-udevd.conf}',
  '/usr/bin/mkinitcpio',
  '/lib/modules/<release>/pkgbase',
  '/run/janus-vfio-boot',
  '/etc/{mkinitcpio.conf,mkinitcpio.conf.d/*.conf,mkinitcpio.d/*.preset}',
  '/sys/class/input/input#/{name,capabilities/key}',
  '/sys/class/vfio/*/dev',
  '/sys/class/iscsi_connection/*/persistent_address',
  '/sys/module/{kvm,kvm_intel,kvm_amd,vfio,vfio_pci,vfio_iommu_type1}/parameters/*',
  '/sys/module/{kvm,kvm_intel,kvm_amd}/refcnt',
  '/proc/irq/default_smp_affinity',
  '/{etc,run,usr/local/lib,usr/lib,lib}/systemd/system/{irqbalance.service,irqbalance.service.d/*.conf}',
  '/run/systemd/system/irqbalance.service.d/*.env',
  '/etc/{default,sysconfig}/irqbalance',
  '/{etc/irqbalance.env,usr/lib/irqbalance/defaults.env}',
  '/proc/irq/#/{smp_affinity_list,effective_affinity_list}',
  '/sys/kernel/irq/#/actions',
  `/sys/devices/system/cpu/cpufreq/policy#/{${FREQUENCY}}`,
  '/sys/devices/system/cpu/cpufreq/{,policy#/}{schedutil,ondemand,conservative}/*',
  '/sys/devices/system/cpu/{cpufreq/boost,intel_pstate/no_turbo}',
  '/proc/1/comm',
  '/sys/fs/cgroup/{cgroup.controllers,cgroup.subtree_control,cgroup.type,cpuset.cpus.effective,cpuset.cpus.isolated}',
  '/sys/fs/cgroup/*/{cpuset.cpus,cpuset.cpus.partition}',
  `/{etc,run}/systemd/system/{${SLICES}}.d/90-janus-cpu-isolation.conf`,
  '/sys/devices/system/cpu/{online,offline,possible,present,isolated,nohz_full,smt/active,smt/control}',
  '/sys/devices/system/cpu/cpu#/{online,cpu_capacity,cpufreq/cpuinfo_max_freq,acpi_cppc/highest_perf}',
  '/sys/devices/system/cpu/cpu#/topology/{core_id,die_id,cluster_id,physical_package_id,thread_siblings_list,core_cpus_list}',
  '/sys/devices/system/cpu/cpu#/cache/index#/{level,type,size,shared_cpu_list}',
  '/sys/devices/{cpu_core,cpu_atom,cpu_lowpower}/cpus',
  '/sys/devices/pci*/pci_bus/*/cpulistaffinity',
  '/sys/devices/system/node/{online,possible,has_memory}',
  '/sys/devices/system/node/node#/{cpulist,distance,meminfo}',
  `/sys/devices/system/node/node#/hugepages/*/{${HUGEPAGES}}`,
  `/sys/kernel/mm/hugepages/*/{${HUGEPAGES}}`,
  '/sys/kernel/mm/transparent_hugepage/{enabled,defrag}',
  '/{etc,run,usr/local/lib,usr/lib,lib}/sysctl.d/*.conf',
  '/etc/{sysctl.conf,tmpfiles.d/janus-hugepages.conf}',
  '/sys/firmware/efi/efivars/LoaderDevicePartUUID-4a67b082-0a4c-41cf-b6c7-440b29bb8c4f',
  '/sys/devices/virtual/dmi/id/{sys_vendor,product_name,board_vendor,board_name,bios_version,bios_date}',
]

const LINKS = [
  '/etc/systemd/system/display-manager.service',
  '/sys/bus/pci/devices/*/{driver,iommu_group,physfn}',
  '/sys/bus/pci/drivers/*/module',
  '/sys/class/{block,net,drm,graphics,iommu}/*',
  '/sys/class/input/input#',
  '/sys/class/nvme-subsystem/*/*',
]

const NAMES = [
  '/sys/bus/platform/drivers/{efi,simple,vesa}-framebuffer',
  '/proc/driver/nvidia/capabilities/gpu#/mig',
  '/sys/bus/pci/devices',
  '/sys/bus/pci/devices/*',
  '/sys/bus/pci/drivers/*',
  '/sys/kernel/iommu_groups/*/devices',
  '/sys/class/iommu',
  '/sys/class/net/*',
  '/sys/class/block/*/{holders,slaves}',
  '/sys/block/*',
  '/sys/fs/btrfs/*/devices',
  '/sys/module',
  '/sys/module/*vfio*/drivers',
  '/sys/firmware/acpi/tables',
  '/proc/spl/kstat/zfs',
  '/usr/lib/dracut/modules.d/91janus-vfio',
  '/dev/vfio',
  '/sys/bus/pci/devices/*/msi_irqs',
  `/sys/fs/cgroup/{,unified/,systemd/}system.slice/{${SERVICES}}.service`,
  '/run/irqbalance',
]

/** Units whose control groups tell whether they run. */
const UNITS = 'nvidia-persistenced,gdm,gdm3,sddm,lightdm,lxdm,xdm,greetd,ly'

/** Packages of kernels after which presets of mkinitcpio name their images. Nothing lists /boot, which may tell an identity. */
const ARCH_KERNELS = 'linux,linux-lts,linux-zen,linux-hardened,linux-rt,linux-rt-lts'

const PRESENCES = [
  '/sys/fs/cgroup/*/cgroup.procs',
  `/{etc,run}/systemd/system/{${SLICES}}.d`,
  '/{usr/lib,lib}/systemd/systemd-sysctl',
  '/{usr/bin/systemd-tmpfiles,bin/systemd-tmpfiles,etc/tmpfiles.d}',
  '/usr/{sbin/update-initramfs,share/initramfs-tools/hook-functions,bin/dracut,lib/dracut/modules.d}',
  '/boot/{initrd.img-<release>,initramfs-<release>.img}',
  `/boot/initramfs-{${ARCH_KERNELS}}{,-fallback}.img`,
  '/dev/{kvm,iommu,vfio/vfio,net/tun}',
  '/usr/libexec/qemu-kvm',
  '/run/{irqbalance.pid,tuned/tuned.pid,tlp/last_pwr}',
  `/sys/fs/cgroup/system.slice/{${UNITS}}.service`,
]

/** What only trees of older tools hold instead. */
const OLDER: readonly CapturePath[] = [
  { kind: 'text', pattern: '/proc/{self/mounts,mounts}', unless: '/proc/self/mountinfo' },
  {
    kind: 'text',
    pattern: '/sys/devices/system/cpu/cpu#/topology/{core_cpus,thread_siblings}',
    unless: '/sys/devices/system/cpu/cpu0/topology/thread_siblings_list',
  },
  {
    kind: 'text',
    pattern: '/sys/devices/system/cpu/cpu#/cache/index#/shared_cpu_map',
    unless: '/sys/devices/system/cpu/cpu0/cache/index0/shared_cpu_list',
  },
  {
    kind: 'text',
    pattern: '/sys/devices/system/node/node#/cpumap',
    unless: '/sys/devices/system/node/node0/cpulist',
  },
  { kind: 'link', pattern: '/sys/block/*', unless: '/sys/class/block' },
  { kind: 'text', pattern: '/sys/block/*/{dev,size,removable,ro,dm/name,dm/uuid}', unless: '/sys/class/block' },
  { kind: 'text', pattern: '/sys/block/*/*/{dev,partition}', unless: '/sys/class/block' },
]

/** The allow-list of a capture, in the order in which it is read. */
export const CAPTURE_PATHS: readonly CapturePath[] = [
  ...NAMES.map((pattern) => ({ kind: 'names' as const, pattern })),
  ...LINKS.map((pattern) => ({ kind: 'link' as const, pattern })),
  ...TEXTS.map((pattern) => ({ kind: 'text' as const, pattern })),
  ...PRESENCES.map((pattern) => ({ kind: 'presence' as const, pattern })),
  ...OLDER,
]

/** Programs whose place on PATH is asked for. */
export const CAPTURED_PROGRAMS = [
  'virsh',
  'virt-manager',
  'virt-install',
  'qemu-img',
  ...['x86_64', 'i386', 'aarch64', 'arm', 'ppc64', 'ppc64le', 's390x', 'riscv64', 'loongarch64'].map(
    (architecture) => `qemu-system-${architecture}`,
  ),
  'swtpm',
  'modprobe',
] as const

/** Devices of which is asked whether they can be opened. */
export const CAPTURED_OPENABLE = ['/dev/kvm', '/dev/vfio/vfio', '/dev/net/tun'] as const
