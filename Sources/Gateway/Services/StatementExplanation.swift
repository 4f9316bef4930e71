package import Billing
package import CivilTime
internal import Licensing
internal import Reporting
package import Sealing

/// What a line of a statement rests on: the date's entries of the ledger, each with the receipt that
/// acknowledged it, and those of the date that it was carried from.
package struct StatementExplanation: Sendable {
  /// An entry and its receipt; what the gateway entered itself has none.
  package struct Source: Sendable {
    package let entry: TracedEntry
    package let receipt: StoredReceipt?
  }

  /// A date's entries, and whose chain they stand in.
  package struct Origin: Sendable {
    package let installation: Thumbprint
    package let date: CivilDate
    package let sources: [Source]
  }

  /// What was made good of a final line: by the final statement of a month, or in the draft of the present
  /// one.
  package struct Correction: Sendable {
    package let month: Month
    package let correction: StatementCorrection
    package let isFinal: Bool
  }

  package let line: StatementLine
  /// Of the statement that the line was taken from: the final one where the month has one.
  package let status: Statement.Status
  /// In the order in which they were made.
  package let corrections: [Correction]
  /// The ledger's last position and the time of the statement that the line was taken from.
  package let position: Int64
  package let asOf: Int64
  package let zone: String
  package let own: Origin
  /// Where the quantity was carried from, nil where the date's own peak decides.
  package let carried: Origin?
  /// The line that bills the date in place of this one, nil where this one does.
  package let other: StatementLine?
  /// What staff decided about the date's bill, in the order of the ledger: the last one stands.
  package let decisions: [OpenedDecision]
}

extension StatementService {
  /// Explains what an installation's date costs: by the final statement of its month where there is one,
  /// with what was made good since, else as of now.
  /// - Throws: ``Problem`` `NOT_FOUND` where the installation is not known, or the date has no line.
  package func explain(
    _ name: Thumbprint, on date: CivilDate
  ) async throws -> StatementExplanation {
    guard let installation = try await store.state(of: name)?.installation else {
      throw InstallationService.notFound(name)
    }
    let statement = try await shown(of: installation.line, in: Month(of: date)).statement
    guard
      let line = statement.lines.first(where: { $0.installation == name && $0.date == date })
    else {
      throw Problem(
        .notFound, "\(date) of installation \(name) has no line: nothing is billed for it")
    }
    let isFinal = statement.status == .final
    let corrections = isFinal ? try await corrections(of: installation, on: date) : []
    return try await store.read { ledger in
      StatementExplanation(
        line: line, status: statement.status, corrections: corrections,
        position: statement.position, asOf: statement.asOf, zone: statement.zone,
        // What came after a final statement is what its corrections rest on.
        own: try Self.origin(
          of: name, on: date, through: isFinal ? .max : statement.position, in: ledger),
        carried: try line.carriedFrom.map {
          try Self.carried(installation, from: $0, through: statement.position, in: ledger)
        },
        other: line.yieldsTo.flatMap { other in
          statement.lines.first { $0.installation == other && $0.date == date }
        },
        decisions: try ledger.opened(of: name).filter {
          $0.decision.billChange?.covers(date) == true
        })
    }
  }

  private func corrections(
    of installation: Installation, on date: CivilDate
  ) async throws -> [StatementExplanation.Correction] {
    let desk = try await desk(for: installation.line)
    let finals = try await store.read { try $0.finalStatements(of: installation.line) }
    // Read before, so that the draft takes in at least these.
    let draft = try await drafted(Month(of: desk.zone.date(at: desk.now)), desk)
    let made = try finals.map { (try StatementDesk.open($0.jws), true) } + [(draft, false)]
    return made.flatMap { statement, isFinal in
      statement.corrections
        .filter { $0.installation == installation.thumbprint && $0.date == date }
        .map {
          StatementExplanation.Correction(
            month: statement.month, correction: $0, isFinal: isFinal)
        }
    }
  }

  /// The date of the installation itself, or of the nearest before it in whose place it stands.
  private static func carried(
    _ installation: Installation, from date: CivilDate, through position: Int64,
    in ledger: any LedgerReading
  ) throws -> StatementExplanation.Origin {
    var current = installation
    var seen: Set<Thumbprint> = []
    while true {
      let origin = try origin(
        of: current.thumbprint, on: date, through: position, in: ledger)
      guard origin.sources.isEmpty, seen.insert(current.thumbprint).inserted,
        let old = current.replaces, let next = try ledger.state(of: old)?.installation
      else { return origin }
      current = next
    }
  }

  private static func origin(
    of name: Thumbprint, on date: CivilDate, through position: Int64, in ledger: any LedgerReading
  ) throws -> StatementExplanation.Origin {
    let entries = try ledger.entries(of: name, on: date).filter { $0.position <= position }
    return StatementExplanation.Origin(
      installation: name, date: date,
      sources: try entries.map { entry in
        StatementExplanation.Source(
          entry: entry,
          receipt: try entry.seq.flatMap { try ledger.receipt(of: name, atOrAfter: $0) })
      })
  }
}

extension StatementExplanation {
  package var json: JSONValue {
    var members = [
      JSONMember("as_of", .integer(asOf)), JSONMember("position", .integer(position)),
      JSONMember("zone", .string(zone)), JSONMember("status", .string(status.rawValue)),
      JSONMember("line", line.json), JSONMember("sources", .array(own.sources.map(\.json))),
    ]
    if let carried { members.append(JSONMember("carried", carried.json)) }
    if let other { members.append(JSONMember("billed_with", other.json)) }
    if !decisions.isEmpty {
      members.append(JSONMember("decisions", .array(decisions.map(\.json))))
    }
    if !corrections.isEmpty {
      members.append(JSONMember("corrections", .array(corrections.map(\.json))))
    }
    return .object(members)
  }
}

extension StatementExplanation.Correction {
  fileprivate var json: JSONValue {
    [
      "month": .string(month.description), "final": .bool(isFinal),
      "correction": correction.json,
    ]
  }
}

extension StatementExplanation.Origin {
  fileprivate var json: JSONValue {
    [
      "installation": installation.json, "date": .string(date.description),
      "sources": .array(sources.map(\.json)),
    ]
  }
}

extension StatementExplanation.Source {
  fileprivate var json: JSONValue {
    var members = [
      JSONMember("position", .integer(entry.position)),
      JSONMember("kind", .string(entry.kind.rawValue)),
    ]
    members.add("seq", entry.seq.map { .integer($0) })
    members.add("hash", entry.hash?.json)
    members.add("at", .integer(entry.at))
    members.add("received_at", .integer(entry.receivedAt))
    members.add("peak", entry.peak.map { .integer($0) })
    members.add("peak_at", entry.peakAt.map { .integer($0) })
    members.add("observed", .integer(entry.observed))
    members.add("sealed", .string(entry.jws))
    members.add("receipt", receipt?.json)
    return .object(members)
  }
}
