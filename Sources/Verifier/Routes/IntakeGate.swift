internal import Platform

/// From where beats without a token are taken.
///
/// A DataKit's own token is no credential of ours, so its ways in are open only to this machine unless a
/// setting lists more.
package struct IntakeGate: Sendable, Hashable {
  private enum Extent: Hashable {
    case listed
    case everyone
  }

  private var extent = Extent.listed
  private var networks: [IPv4Network] = []
  private var addresses: Set<IPv6Address> = []

  /// This machine alone.
  package static let thisMachine = IntakeGate()

  private init() {}

  /// - Parameter list: `any`, or addresses and IPv4 networks with commas between them; this machine is
  ///   always among them.
  /// - Returns: nil for what is neither.
  package init?(_ list: String) {
    if list == "any" {
      extent = .everyone
      return
    }
    for item in list.split(separator: ",", omittingEmptySubsequences: false) {
      let item = String(item.filter { $0 != " " })
      if let network = IPv4Network(item) {
        networks.append(network)
      } else if let address = IPv6Address(item) {
        addresses.insert(address)
      } else {
        return nil
      }
    }
  }

  package func admits(_ peer: Peer) -> Bool {
    if extent == .everyone || peer.isThisMachine { return true }
    guard case .address(let text) = peer else { return false }
    if networks.contains(where: { $0.contains(text) }) { return true }
    guard let address = IPv6Address(text) ?? IPv6Address("::ffff:\(text)") else { return false }
    return addresses.contains(address)
  }
}
