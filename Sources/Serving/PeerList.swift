internal import Platform

/// Peers that are let in without a token, and proxies whose word on where a request came from is taken.
///
/// What carries no credential of ours is open only to this machine unless a setting lists more. Proxies
/// are believed (`X-Forwarded-For`, the name in a client certificate) only where they are listed one by
/// one or by their network: `any` opens the way in and makes nobody a proxy.
package struct PeerList: Sendable, Hashable {
  private enum Extent: Hashable {
    case listed
    case everyone
  }

  private var extent = Extent.listed
  private var networks: [IPv4Network] = []
  private var addresses: Set<IPv6Address> = []

  /// This machine alone.
  package static let thisMachine = PeerList()

  private init() {}

  /// - Parameter list: addresses, IPv4 networks and `any` with commas between them; this machine is
  ///   always among them.
  /// - Returns: nil for what is none of these.
  package init?(_ list: String) {
    for item in list.split(separator: ",", omittingEmptySubsequences: false) {
      let item = String(item.filter { $0 != " " })
      if item == "any" {
        extent = .everyone
      } else if let network = IPv4Network(item) {
        networks.append(network)
      } else if let address = IPv6Address(item) {
        addresses.insert(address)
      } else {
        return nil
      }
    }
  }

  /// Whether the peer is let in without a token.
  package func admits(_ peer: Peer) -> Bool {
    extent == .everyone || lists(peer)
  }

  /// Whether the peer is a proxy that is believed: this machine, or listed.
  package func lists(_ peer: Peer) -> Bool {
    if peer.isThisMachine { return true }
    guard case .address(let text) = peer else { return false }
    if networks.contains(where: { $0.contains(text) }) { return true }
    guard let address = IPv6Address(text) ?? IPv6Address("::ffff:\(text)") else { return false }
    return addresses.contains(address)
  }
}
