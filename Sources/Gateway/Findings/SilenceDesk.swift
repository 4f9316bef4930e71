import Billing
import Licensing
import Sealing

/// Looks whether an installation is silent, within one change of the ledger.
///
/// Rules:
/// 1. One is silent from the second on that is 24 h, 72 h or 7 days after its newest receipt, or after its
///    activation where it has none; where usage is reported daily, from 72 h on. What is refused, and what
///    was stored before, is no word.
/// 2. Each of these is told once for each silence; one that staff resolved meanwhile opens again.
/// 3. One that holds no seat, reports offline, or whose license is over is not silent: nothing is awaited.
/// 4. A silence ends by itself when something is acknowledged, or when nothing is awaited any more.
///
/// The ledger says when to look next, so that one that is heard costs one look a day, and its reports
/// nothing.
struct SilenceDesk: Sendable {
  let now: Int64

  /// After how many seconds an installation can be silent at the earliest.
  static let shortest: Int64 = 86_400
  private static let hour: Int64 = 3600
  /// When nobody needs to look again: whatever changes that says so.
  private static let never = SealedLimits.instants.upperBound

  /// After how many hours a silence is told, in order.
  static func levels(_ mode: ReportingMode) -> [Int64] {
    switch mode {
    case .realtime: [24, 72, 168]
    case .daily: [72, 168]
    case .offline: []
    }
  }

  /// Notes a silence, or its end, and when to look next.
  /// - Parameter awaited: how usage is awaited of the installation's line, nil where none is at present.
  ///   That changes by time alone: whoever holds a seat is looked at again after a day at the latest.
  /// - Returns: what noting it came to, nil where there was nothing to note.
  func look(
    at name: Thumbprint, awaited: ReportingMode?, in ledger: any LedgerWriting
  ) throws -> FindingChange? {
    guard let state = try ledger.state(of: name) else { return nil }
    let levels = awaited.map(Self.levels) ?? []
    guard state.installation.holdsSeat, !levels.isEmpty else {
      try forget(state, in: ledger)
      let isSettled = !state.installation.holdsSeat
      try ledger.setWatch(at: isSettled ? Self.never : now + Self.shortest, of: name)
      return nil
    }
    let heard = state.head.receiptAt
    let next = levels.first { heard + $0 * Self.hour > now }
    let day = now + Self.shortest
    try ledger.setWatch(at: next.map { min(heard + $0 * Self.hour, day) } ?? day, of: name)
    let level = levels.last { heard + $0 * Self.hour <= now }
    guard let level, level > state.head.silent else { return nil }
    return try note(level, of: state, in: ledger)
  }

  private func note(
    _ level: Int64, of state: InstallationState, in ledger: any LedgerWriting
  ) throws -> FindingChange {
    let name = state.installation.thumbprint
    var head = state.head
    head.silent = level
    try ledger.setHead(head, of: name)
    let isNew = state.head.silent == 0
    let sign = FindingSign(.silent, count: isNew ? 1 : 0, level: level)
    return try ledger.note(sign, of: name, at: now)
  }

  private func forget(_ state: InstallationState, in ledger: any LedgerWriting) throws {
    guard state.head.silent > 0 else { return }
    let name = state.installation.thumbprint
    var head = state.head
    head.silent = 0
    try ledger.setHead(head, of: name)
    try end(of: name, in: ledger)
  }

  /// Resolves the finding of a silence that is over.
  func end(of name: Thumbprint, in ledger: any LedgerWriting) throws {
    for finding in try ledger.findings(of: name) where finding.code == .silent {
      try clear(finding, in: ledger)
    }
  }

  /// Resolves a finding that is over by itself; one that is resolved stays as it is.
  func clear(_ finding: LedgerFinding, in ledger: any LedgerWriting) throws {
    guard finding.state != .resolved else { return }
    try ledger.enter(
      FindingEvent(.resolved, at: now, by: Decision.gateway, resolution: .cleared), of: finding)
  }
}

extension LineTerms {
  /// How usage is awaited at an instant, nil where none is: no license has begun, its days of grace are
  /// over, or it is not known here.
  func awaited(at now: Int64) -> ReportingMode? {
    guard let zone, let license = inForce(at: now)?.payload else { return nil }
    return switch license.period(in: zone).phase(at: now) {
    case .notYet, .over: nil
    case .running, .grace: license.reporting.mode
    }
  }
}
