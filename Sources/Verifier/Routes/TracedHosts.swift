internal import Metering
internal import Sealing
internal import Synchronization

/// DataKits whose host name alone does not tell one from another: they are counted by their usage
/// traces, and their pushes, which carry the host name only, are let through by what became of those.
///
/// A host is refused while the last trace from it was: with two DataKits on it, one in and one out,
/// data gets through rather than not.
package final class TracedHosts: Sendable {
  /// How many hosts are remembered as refused at most; of further ones data gets through.
  static let most = 65_536

  private let refused = Mutex(Set<String>())

  package init() {}

  func note(_ host: String, isRefused: Bool) {
    refused.withLock { hosts in
      if !isRefused {
        hosts.remove(host)
      } else if hosts.count < Self.most {
        hosts.insert(host)
      }
    }
  }

  func isRefused(_ host: String) -> Bool {
    refused.withLock { $0.contains(host) }
  }
}

extension IdentityRules {
  /// The beat of a usage trace, with the name that the rules give its DataKit.
  /// - Throws: ``Refusal`` `MALFORMED` for a trace without the member that the rules ask for.
  func beat(of trace: UsageTrace) throws(Refusal) -> Beat {
    let member: (name: String, text: String?)
    switch dataKit {
    case .hostname: return trace.beat
    case .hostnameAndAddress: member = ("ip", trace.address)
    case .hostnameAndRun: member = ("runtime_id", trace.beat.run)
    }
    guard let text = member.text, !text.utf8.contains(UInt8(ascii: "/")),
      let identity = CollectorIdentity(
        kind: CollectorIdentity.dataKit, text: "\(trace.beat.identity.text)/\(text)")
    else {
      throw .malformed(
        "\(member.name) must be text without a slash: the settings name DataKits by it")
    }
    var beat = trace.beat
    beat.identity = identity
    return beat
  }
}
