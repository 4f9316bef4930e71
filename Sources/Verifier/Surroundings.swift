package import Licensing
package import Platform
package import Sealing
package import StartupCheck

/// What every command of the verifier is told about its surroundings.
package struct Surroundings: Sendable {
  package var folder: StateFolder
  package var roots: RootKeys
  /// Takes the place of the address in the license.
  package var gateway: GatewayAddress?
  /// By which way gateways are reached.
  package var egress: Egress
  /// The release file of the install package.
  package var release: GivenFile?
  /// What runs, as the platform says itself.
  package var running: RunningRelease?
  package var wall: any WallClock
  package var boot: any BootClock
  package var zones: ZoneSource
  /// The zones of the system's tzdata, whatever this process was told to use.
  package var installedZones: ZoneSource = ZoneFiles.loadInstalled
  /// Names the machine's boot, so that its clock is not taken for an earlier one's.
  package var bootID: String

  package init(
    folder: StateFolder, roots: RootKeys, gateway: GatewayAddress? = nil,
    egress: Egress = .direct, release: GivenFile? = nil, running: RunningRelease? = nil,
    wall: some WallClock,
    boot: some BootClock, zones: @escaping ZoneSource = ZoneFiles.load, bootID: String
  ) {
    self.folder = folder
    self.roots = roots
    self.gateway = gateway
    self.egress = egress
    self.release = release
    self.running = running
    self.wall = wall
    self.boot = boot
    self.zones = zones
    self.bootID = bootID
  }

  /// The name that the kernel gives to the present boot.
  package static func currentBootID() -> String {
    let bytes = try? Files.read("/proc/sys/kernel/random/boot_id", maximum: 64)
    let text = String(decoding: bytes ?? [], as: UTF8.self)
    return text.split(whereSeparator: \.isWhitespace).first.map(String.init) ?? "unknown"
  }
}
