package import Billing
internal import CivilTime
package import Licensing
internal import Metering
internal import Reporting
package import Sealing

/// What the vendor's staff see of installations.
package struct InstallationService: Sendable {
  private let store: any LedgerStore
  private let shelf: LicenseShelf

  /// The most installations of one page.
  package static let pageSize = 100

  package init(store: any LedgerStore, shelf: LicenseShelf) {
    self.store = store
    self.shelf = shelf
  }

  /// A page of installations in order of their names, and the last name if there are more.
  package func page(
    line: LineID?, after cursor: Thumbprint?
  ) async throws -> (installations: [JSONValue], next: Thumbprint?) {
    try await store.read { ledger in
      let states = try ledger.installations(after: cursor, line: line, limit: Self.pageSize + 1)
      let page = try states.prefix(Self.pageSize).map { state -> JSONValue in
        .object(try Self.summary(of: state, in: ledger))
      }
      let last = states.count > Self.pageSize ? states[Self.pageSize - 1] : nil
      return (page, last?.installation.thumbprint)
    }
  }

  /// What stands in a list: the installation, its chain, and what it said last.
  private static func summary(
    of state: InstallationState, in ledger: any LedgerReading
  ) throws -> [JSONMember] {
    let installation = state.installation.thumbprint
    var members = state.members
    members.append(JSONMember("records", .integer(try ledger.recordCount(of: installation))))
    members.append(JSONMember("receipts", .integer(try ledger.receiptCount(of: installation))))
    if let newest = try ledger.newestUsage(of: installation) { members += newest.members }
    return members
  }

  /// One installation with what it said last, its receipts, findings and conflict.
  /// - Throws: ``Problem`` `NOT_FOUND`.
  package func show(_ installation: Thumbprint) async throws -> JSONValue {
    try await store.read { ledger in
      guard let state = try ledger.state(of: installation) else {
        throw Self.notFound(installation)
      }
      var members = try Self.summary(of: state, in: ledger)
      let receipt = try ledger.receipt(of: installation, atOrAfter: state.head.seq)
      if let receipt { members.append(JSONMember("receipt", receipt.json)) }
      if let alive = try ledger.alive(of: installation) {
        members.append(JSONMember("alive_at", .integer(alive.at)))
      }
      if let conflict = try ledger.conflict(of: installation) {
        members.append(
          JSONMember(
            "conflict",
            [
              "seq": .integer(conflict.seq), "count": .integer(conflict.count),
              "records": .array(conflict.records.map { .string($0) }),
            ]))
      }
      let findings = try ledger.findings(of: installation)
      members.append(JSONMember("findings", .array(findings.map(\.json))))
      let decisions = try ledger.opened(of: installation)
      members.append(JSONMember("decisions", .array(decisions.map(\.json))))
      return .object(members)
    }
  }

  /// The dates of a month: `{"days":[…]}`.
  /// - Throws: ``Problem`` `NOT_FOUND`.
  package func days(of installation: Thumbprint, in month: Month) async throws -> JSONValue {
    let entries = try await store.read { ledger in
      guard try ledger.state(of: installation) != nil else { throw Self.notFound(installation) }
      return try ledger.usage(of: installation, from: month.first, through: month.last)
    }
    let days = entries.sorted { $0.date < $1.date }.map(\.json)
    return ["month": .string(month.description), "days": .array(days)]
  }

  static func notFound(_ installation: Thumbprint) -> Problem {
    Problem(.notFound, "there is no installation \(installation): list them")
  }
}

extension InstallationState {
  fileprivate var members: [JSONMember] {
    var members = [
      JSONMember("installation", installation.thumbprint.json),
      JSONMember("line", installation.line.json),
      JSONMember("license", installation.license.json),
      JSONMember("activated_at", .integer(installation.activatedAt)),
    ]
    members.add("replaces", installation.replaces?.json)
    members.add("replaced_by", installation.replacedBy?.json)
    members.add("replaced_at", installation.replacedAt.map { .integer($0) })
    members.add("released_at", installation.releasedAt.map { .integer($0) })
    members.add("seq", .integer(head.seq))
    members.add("head", head.hash?.json)
    members.add("heard_at", head.wordAt > 0 ? .integer(head.wordAt) : nil)
    return members
  }
}

extension NewestUsage {
  fileprivate var members: [JSONMember] {
    var members = [
      JSONMember("position", .integer(position)), JSONMember("kind", .string(kind.rawValue)),
      JSONMember("date", .string(date.description)),
    ]
    if let peak {
      members.append(JSONMember("peak", .integer(peak.count)))
      members.append(JSONMember("peak_at", .integer(peak.at)))
    }
    members += [
      JSONMember("online", .integer(online)), JSONMember("observed", .integer(observed)),
      JSONMember("at", .integer(at)), JSONMember("received_at", .integer(receivedAt)),
    ]
    return members
  }
}

extension StoredReceipt {
  var json: JSONValue {
    [
      "seq": .integer(seq), "position": .integer(position), "iat": .integer(iat),
      "sealed": .string(jws),
    ]
  }
}

extension UsageEntry {
  fileprivate var json: JSONValue {
    var members = [
      JSONMember("date", .string(date.description)), JSONMember("kind", .string(kind.rawValue)),
    ]
    if let seq { members.append(JSONMember("seq", .integer(seq))) }
    if let peak { members.append(JSONMember("peak", .integer(peak))) }
    if let peakAt { members.append(JSONMember("peak_at", .integer(peakAt))) }
    let gaps = self.gaps.map { gap -> JSONValue in
      ["from": .integer(gap.from), "to": .integer(gap.to), "reason": .string(gap.reason)]
    }
    members += [
      JSONMember("from", .integer(from)), JSONMember("to", .integer(to)),
      JSONMember("observed", .integer(observed)), JSONMember("gaps", .array(gaps)),
      JSONMember("license", license.json), JSONMember("revision", .integer(revision)),
    ]
    return .object(members)
  }
}
