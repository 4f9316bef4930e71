internal import CivilTime
internal import Metering
internal import Platform

/// Who is there, and by which rules collectors are told apart.
extension Counting {
  /// Takes up the rules of the date that the journal counts.
  func openIdentity(_ journal: Journal, _ meter: Meter) async throws(VerifierError) {
    let counted = try await journal.openDate()
    let kept = try await journal.identityRules()
    let entries = identity.open(
      kept, on: counted ?? meter.day.date, wasCounted: counted != nil)
    if entries != kept { try await journal.keep(entries) }
  }

  /// With a date whose rules name collectors otherwise, whoever is online under a former name ends:
  /// the same collector is not counted under two.
  ///
  /// Done twice, a turn apart: a push that was read under the former rules may still have come in
  /// behind the first time.
  func endFormerNames(_ keeper: MeterKeeper, _ journal: Journal) async throws(VerifierError) {
    let kinds = identity.reach(keeper.openDate)
    let isSecondTime = kinds.isEmpty
    if !isSecondTime {
      leaving = try await journal.identities(of: kinds) { keeper.online($0) != nil }
    }
    guard !leaving.isEmpty else { return }
    do throws(PlatformError) {
      _ = try keeper.take(leaving.map { Beat(identity: $0, isBye: true) })
    } catch { throw VerifierError(error) }
    if isSecondTime { leaving = [] }
  }

  /// Keeps what collectors say of themselves, and when those that went were last there.
  func recordInventory(
    _ changes: MeterChanges, _ keeper: MeterKeeper, _ journal: Journal
  ) async throws(VerifierError) {
    let state = changes.state
    keeper.inventory.note(
      changes.rows.filter { !$0.isOnline && $0.isKnown }.map { row in
        Inventory.Departure(
          id: row.id, last: state.name - (state.second - row.last), weight: row.weight)
      })
    try await journal.record(keeper.inventory.batch(), at: state.name)
    keeper.inventory.settle()
    // A wall clock that was set forward makes nobody old: as with evidence, the floor does.
    guard !changes.closed.isEmpty, let floor = installation.time.floor else { return }
    try await journal.forgetCollectors(
      before: min(floor, state.name) - Self.inventoryAge, at: state.name
    ) { keeper.online($0) != nil }
  }

  /// Seconds for which the inventory keeps a collector that does not come back: 400 days.
  private static let inventoryAge: Int64 = 400 * 86_400

  /// A page of the inventory.
  /// - Throws: ``VerifierError`` `NO_LICENSE` while nothing is counted.
  package func collectors(_ query: InventoryQuery) async throws(VerifierError) -> InventoryPage {
    guard let keeper, let journal else {
      throw VerifierError(.noLicense, "no license is installed: nothing is counted yet")
    }
    return try await journal.page(query) { keeper.online($0) }
  }
}
