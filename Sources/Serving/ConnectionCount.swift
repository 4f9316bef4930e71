package import NIOCore
internal import Synchronization

/// Counts the connections of each address, so that none takes the places of all others.
package final class ConnectionCount: Sendable {
  private let counts = Mutex<[String: Int]>([:])
  private let most: Int
  private let proxies: PeerList

  /// - Parameters:
  ///   - most: connections of one address at a time.
  ///   - proxies: whose connections are many clients' and are not counted.
  package init(most: Int, proxies: PeerList) {
    self.most = most
    self.proxies = proxies
  }

  /// - Returns: false where the address has its share already.
  package func enter(_ channel: any Channel) -> Bool {
    let peer = Peer(channel.remoteAddress)
    guard case .address(let text) = peer, !proxies.lists(peer) else { return true }
    let isAdmitted = counts.withLock { counts in
      guard counts[text, default: 0] < most else { return false }
      counts[text, default: 0] += 1
      return true
    }
    guard isAdmitted else { return false }
    channel.closeFuture.whenComplete { [self] _ in leave(text) }
    return true
  }

  private func leave(_ address: String) {
    counts.withLock { counts in
      let rest = counts[address, default: 1] - 1
      counts[address] = rest > 0 ? rest : nil
    }
  }
}
