package import Reporting
package import Sealing

/// What `usage export` asks for.
package struct BundleRequest: Sendable, Equatable {
  /// The most records of one bundle, and their most bytes: its file fits through the socket.
  package static let mostRecords: Int64 = 10_000
  static let mostBytes = 6 * 1024 * 1024

  /// The first record; nil for the first without a receipt.
  package var from: Int64?
  /// The most records.
  package var limit: Int64
  /// Whether to enrol even if an activation is there.
  package var enrols: Bool
  /// The installation whose place this one is to take.
  package var replaces: Thumbprint?

  package init(
    from: Int64? = nil, limit: Int64 = mostRecords, enrols: Bool = false,
    replaces: Thumbprint? = nil
  ) {
    self.from = from
    self.limit = limit
    self.enrols = enrols
    self.replaces = replaces
  }

  /// As the query of an address.
  var query: String {
    var parts = ["limit=\(limit)", "enrol=\(enrols ? 1 : 0)"]
    if let from { parts.append("from=\(from)") }
    if let replaces { parts.append("replaces=\(replaces)") }
    return parts.joined(separator: "&")
  }

  /// - Returns: nil for a parameter that is no such value.
  init?(from: String?, limit: String?, enrol: String?, replaces: String?) {
    let counts = 1...SealedLimits.counts.upperBound
    if let from {
      guard let seq = Int64(from), counts.contains(seq) else { return nil }
      self.from = seq
    }
    guard let most = Int64(limit ?? String(Self.mostRecords)), (0...Self.mostRecords).contains(most)
    else { return nil }
    self.limit = most
    enrols = enrol == "1"
    if let replaces {
      guard let old = Thumbprint(replaces) else { return nil }
      self.replaces = old
    }
  }
}

/// A bundle, and what it holds.
package struct BundleExport: Sendable, Equatable {
  package var bundle: ReportBundle
  /// The first record in it, 0 without any.
  package var from: Int64
  /// The last record in it, 0 without any.
  package var through: Int64
  /// How many records after it have no place in it.
  package var remaining: Int64

  package var json: JSONValue {
    [
      "installation": bundle.installation.json, "enrolment": .bool(bundle.activation != nil),
      "records": .integer(bundle.records.count), "from": .integer(from),
      "through": .integer(through), "alive": .bool(bundle.alive != nil),
      "remaining": .integer(remaining), "file": .string(bundle.file),
    ]
  }
}

/// What an answer brought.
package struct AnswerTaken: Sendable, Equatable {
  /// One line for each document that is new.
  package var installed: [String]
  /// How many receipts were in it.
  package var receipts: Int
  /// The last record with a receipt, now.
  package var through: Int64
  /// How many records have none yet.
  package var backlog: Int64
  /// Until when the newest receipt lets the lease run, nil where it says nothing.
  package var leaseThrough: Int64?

  package var json: JSONValue {
    var members = [
      JSONMember("installed", .array(installed.map { .string($0) })),
      JSONMember("receipts", .integer(receipts)), JSONMember("through", .integer(through)),
      JSONMember("backlog", .integer(backlog)),
    ]
    if let leaseThrough { members.append(JSONMember("lease_through", .integer(leaseThrough))) }
    return .object(members)
  }
}
