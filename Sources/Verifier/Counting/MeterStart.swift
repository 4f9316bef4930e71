internal import CivilTime
internal import Libcrypto
internal import Licensing
package import Metering
internal import Platform
internal import Sealing

/// How counting begins or goes on when the daemon starts.
package enum MeterStart {
  /// The counter as the journal left it, or a new one.
  ///
  /// Where the journal is gone but the ledger knows of it, the time since the last date that was closed,
  /// or else since counting began, is a gap: every date has a record, and nothing is guessed.
  /// - Throws: ``VerifierError`` `LEDGER_UNUSABLE` for a journal that contradicts itself,
  ///   `CLOCK_UNREADABLE`.
  package static func meter(
    _ license: WorkingLicense, journal: Journal, installation: Installation
  ) async throws(VerifierError) -> (meter: Meter, damage: LedgerDamage?) {
    let terms = try CountingTerms(license.payload, zone: license.zone)
    let now = try reading(installation)
    if let content = try await journal.content() {
      return (
        try restored(content, terms.zone, now, installation),
        try await setBack(content, installation)
      )
    }
    guard try await installation.ledger.hasCounted() else {
      let meter = Meter(
        rules: terms.rules, days: .zone(terms.zone), boot: now.boot, wall: now.wall)
      return (meter, nil)
    }
    let since: Int64
    var end = "the last closed date"
    if let closed = try await installation.ledger.days(limit: 1).first {
      since = try self.end(of: closed)
    } else {
      end = "counting began"
      since = try await begun(installation) ?? now.wall
    }
    let damage = LedgerDamage(
      seq: try await installation.ledger.newest()?.seq ?? 1,
      reason: "the journal is gone: what was counted since \(end) is lost")
    return (resumed(terms, since: min(since, now.wall), now), damage)
  }

  /// Since when a journal has counted that closed no date.
  private static func begun(_ installation: Installation) async throws(VerifierError) -> Int64? {
    switch try await installation.ledger.counting() {
    case .since(let instant): instant
    case .unknown: installation.ledger.begun
    case nil: nil
    }
  }

  /// A record rests on what was committed before: a journal that ends earlier was put back, or lost its
  /// end.
  private static func setBack(
    _ content: Journal.Content, _ installation: Installation
  ) async throws(VerifierError) -> LedgerDamage? {
    guard let newest = try await installation.ledger.newest(), newest.at > content.state.name
    else { return nil }
    return LedgerDamage(
      seq: newest.seq,
      reason: "the journal ends before this record: it was put back, or its end is lost; what was "
        + "counted since is missing")
  }

  private static func reading(
    _ installation: Installation
  ) throws(VerifierError) -> (boot: Int64, wall: Int64) {
    do throws(PlatformError) {
      return (
        try installation.time.bootClock.seconds(), try installation.time.wallClock.now()
      )
    } catch { throw VerifierError(error) }
  }

  private static func restored(
    _ content: Journal.Content, _ zone: Zone, _ now: (boot: Int64, wall: Int64),
    _ installation: Installation
  ) throws(VerifierError) -> Meter {
    let isSameBoot = content.boot == installation.surroundings.bootID
    do throws(Refusal) {
      return try Meter(
        restoring: content.state, rows: content.rows, days: .zone(zone), boot: now.boot,
        wall: now.wall, sameBoot: isSameBoot)
    } catch {
      throw VerifierError(
        .ledgerUnusable,
        "\(installation.folder.journal) is damaged (\(error.message)): restore the state folder "
          + "from a backup")
    }
  }

  /// A counter that was last seen at an instant, and not since.
  private static func resumed(
    _ terms: CountingTerms, since: Int64, _ now: (boot: Int64, wall: Int64)
  ) -> Meter {
    var meter = Meter(
      rules: terms.rules, days: .zone(terms.zone), boot: now.boot - (now.wall - since),
      wall: since)
    meter.skip(to: now.boot, reason: .stopped)
    return meter
  }

  private static func end(of entry: LedgerEntry) throws(VerifierError) -> Int64 {
    do throws(Refusal) {
      let document = try UnverifiedDocument(Array(entry.jws.utf8), as: .usage)
      return try UsageRecord.parse(document.payload).to
    } catch {
      throw VerifierError(error, document: "record \(entry.seq) of the ledger")
    }
  }

  /// The key of the digests by which the counter knows collectors: the same at every start.
  package static func digestKey(
    _ evidenceKey: HiddenBytes
  ) throws(VerifierError) -> SipHash.Key {
    let bytes = LibcryptoProvider().hmacSHA256(
      key: evidenceKey.bytes, Array("tally collector digests".utf8)
    ).bytes
    guard let key = SipHash.Key(Array(bytes.prefix(16))) else {
      throw VerifierError(.keyUnusable, "the key of evidence cannot be used")
    }
    return key
  }
}
