internal import Synchronization

/// The settings that change while the daemon runs, and whoever needs them reads them here.
package final class LiveSettings: Sendable {
  /// What they are at one moment.
  package struct Values: Sendable, Equatable {
    /// Takes the place of the address in the license.
    package var gateway: GatewayAddress?
    package var egress: Egress
    /// A license file, or a folder of them, that is looked at again and again.
    package var license: String?
    package var pace: SampleSchedule.Pace

    package init(
      gateway: GatewayAddress? = nil, egress: Egress = .direct, license: String? = nil,
      pace: SampleSchedule.Pace = SampleSchedule.Pace()
    ) {
      self.gateway = gateway
      self.egress = egress
      self.license = license
      self.pace = pace
    }
  }

  private let values: Mutex<Values>

  package init(_ values: Values) {
    self.values = Mutex(values)
  }

  package var current: Values { values.withLock { $0 } }

  package func use(_ new: Values) {
    values.withLock { $0 = new }
  }

  /// The surroundings of an installation, with the gateway of this moment.
  func surroundings(_ installation: Installation) -> Surroundings {
    var surroundings = installation.surroundings
    surroundings.gateway = current.gateway
    return surroundings
  }
}
