package import CivilTime
package import Licensing
internal import Platform
internal import Sealing
internal import Synchronization

/// The licenses of lines, opened once and kept in memory until something changes.
package final class LicenseShelf: Sendable {
  private struct State {
    var lines: [LineID: LineTerms] = [:]
    var zones: [String: Zone] = [:]
    /// Of the trust under which the lines were opened.
    var generation: Int64 = -1
    /// Grows when a line is forgotten, so that what was read before is not kept after.
    var changes: Int64 = 0
  }

  /// The most lines kept.
  private static let capacity = 50_000

  private let store: any LedgerStore
  private let trust: GatewayTrust
  private let state = Mutex(State())

  package init(_ store: any LedgerStore, _ trust: GatewayTrust) {
    self.store = store
    self.trust = trust
  }

  /// What is known of a line. Licenses that no longer verify are left out.
  package func terms(of line: LineID) async throws -> LineTerms {
    let view = trust.view
    let (known, changes) = state.withLock { state -> (LineTerms?, Int64) in
      if state.generation < view.generation {
        state.lines = [:]
        state.generation = view.generation
      }
      return (state.generation == view.generation ? state.lines[line] : nil, state.changes)
    }
    if let known { return known }
    let rows = try await store.read { try $0.licenses(of: line) }
    let terms = self.terms(of: line, rows, in: view) { text, _ throws(Refusal) in
      try view.set.open(text)
    }
    state.withLock { state in
      guard state.generation == view.generation, state.changes == changes else { return }
      if state.lines.count >= Self.capacity { state.lines = [:] }
      state.lines[line] = terms
    }
    return terms
  }

  /// What is known of a line whose licenses have just been read; nothing of it is kept. Their signatures were
  /// verified when they were taken into the ledger, and are again only where one does not say what is kept of it.
  func terms(of line: LineID, kept rows: [StoredLicense]) -> LineTerms {
    let view = trust.view
    return terms(of: line, rows, in: view) { text, row throws(Refusal) in
      let kept = try view.set.reopen(kept: text, as: License.self)
      let license = kept.payload
      guard license.jti == row.id, license.line == row.line, license.revision == row.revision
      else { return try view.set.open(text) }
      return kept
    }
  }

  private func terms(
    of line: LineID, _ rows: [StoredLicense], in view: GatewayTrust.View,
    open: ([UInt8], StoredLicense) throws(Refusal) -> Verified<License>
  ) -> LineTerms {
    // A license under a key that was revoked since is as good as none.
    var licenses: [Verified<License>] = []
    var lapsed: [LicenseID: License] = [:]
    for row in rows {
      let text = Array(row.jws.utf8)
      if let license = try? open(text, row) {
        licenses.append(license)
      } else if let document = try? UnverifiedDocument(text, as: License.kind) {
        lapsed[row.id] = try? License.parse(document.payload)
      }
    }
    let published = Set(rows.filter(\.isPublished).map(\.id))
    let exemplar = licenses.first { published.contains($0.payload.jti) } ?? licenses.first
    return LineTerms(
      line: line, licenses: licenses, lapsed: lapsed, published: published,
      revoked: view.revoked, zone: exemplar.flatMap { zone(named: $0.payload.zone) })
  }

  /// Forgets lines whose licenses have changed.
  package func forget(_ lines: some Sequence<LineID>) {
    state.withLock { state in
      for line in lines { state.lines[line] = nil }
      state.changes += 1
    }
  }

  /// Forgets every line: nobody knows which have changed.
  package func forgetAll() {
    state.withLock { state in
      state.lines = [:]
      state.changes += 1
    }
  }

  /// A time zone of this machine, nil where it has none of that name.
  package func zone(named name: String) -> Zone? {
    if let zone = state.withLock({ $0.zones[name] }) { return zone }
    guard let zone = try? ZoneFiles.load(name) else { return nil }
    state.withLock { $0.zones[name] = zone }
    return zone
  }
}
