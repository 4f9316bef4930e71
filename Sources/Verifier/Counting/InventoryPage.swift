package import Metering
internal import Sealing

/// One collector as the inventory keeps it.
package struct InventoryRow: Sendable, Equatable {
  package var id: CollectorID
  package var identity: CollectorIdentity
  package var version: String?
  package var host: String?
  package var weight: Int64
  /// The first beat, and the last one that is kept, in Unix seconds.
  package var first: Int64
  package var last: Int64
  /// When the limit last left no room for it.
  package var refused: Int64?
}

/// Which collectors are asked for, a page at a time.
package struct InventoryQuery: Sendable, Equatable {
  /// The most collectors of one page.
  package static let most = 1000
  /// The most collectors that are looked at for one page: a filter that fits few ends the page early.
  package static let mostRead = 20_000

  package var kind: String?
  /// Exactly this host.
  package var host: String?
  /// How the name begins, byte by byte.
  package var prefix = ""
  package var isOnline: Bool?
  /// Goes on behind this collector, in order of kind and name.
  package var after: CollectorIdentity?
  package var limit = 100

  package init() {}

  /// Whether a collector is one of those asked for.
  func fits(_ entry: InventoryPage.Entry) -> Bool {
    if let isOnline, isOnline != entry.isOnline { return false }
    if let host, entry.row.host?.isSameBytes(as: host) != true { return false }
    return entry.row.identity.bytes.starts(with: prefix.utf8)
  }
}

/// One page of an inventory.
package struct InventoryPage: Sendable, Equatable {
  package struct Entry: Sendable, Equatable {
    package var row: InventoryRow
    package var isOnline: Bool

    init(_ row: InventoryRow, online: (CollectorID) -> OnlineCollector?) {
      self.row = row
      isOnline = false
      if let online = online(row.id) {
        isOnline = true
        self.row.weight = online.weight
        self.row.last = max(row.first, online.last)
      }
    }
  }

  package var entries: [Entry] = []
  /// Where to go on; nil at the end.
  package var next: CollectorIdentity?
}

/// What the counter knows of a collector that is online.
package struct OnlineCollector: Sendable, Equatable {
  package var weight: Int64
  /// The last beat, in Unix seconds.
  package var last: Int64

  package init(weight: Int64, last: Int64) {
    self.weight = weight
    self.last = last
  }
}
