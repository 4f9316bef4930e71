internal import CivilTime
internal import GRDB

extension Authority {
  /// How far the clock may lie behind the newest document, in seconds.
  private static let back: Int64 = 86_400
  /// How long nothing may have been issued before it is asked whether the clock is right, in days.
  package static let usualPause: Int64 = 62

  /// What whoever issues is to confirm because this machine's clock is not what the registry lets expect.
  ///
  /// Every document bears the time of its issue, and a site that has one takes no earlier time for true:
  /// of a license issued by a clock that is a year ahead, a year is lost, and nothing heals that. What the
  /// registry knows is when the last document was issued; rows of other kinds do not count, for nobody
  /// was asked about them.
  package func clockQuestions() throws(AuthorityError) -> [IssuingQuestion] {
    guard let last = try registry.lastIssued() else { return [] }
    let now = try now()
    let times = "it is \(UTC.text(now)) here, and the newest document is of \(UTC.text(last))"
    if now < last - Self.back {
      return [
        IssuingQuestion(
          .clockBack, "iat",
          "\(times): the clock of this machine is behind, or was ahead when that was issued")
      ]
    }
    let days = (now - last) / 86_400
    guard days > Self.usualPause else { return [] }
    return [
      IssuingQuestion(
        .clockForward, "iat",
        "\(times), \(days) days before: if the clock of this machine is ahead, every site that gets "
          + "the document loses those days, and nothing gives them back")
    ]
  }
}

extension Registry {
  /// When a document was issued last, by the clock of then; nil before the first.
  func lastIssued() throws(AuthorityError) -> Int64? {
    let actions = AuditEntry.Action.allCases.filter { $0.seals && $0 != .registryRestore }
    let marks = actions.map { _ in "?" }.joined(separator: ", ")
    return try read { db in
      try Int64.fetchOne(
        db, sql: "SELECT at FROM audit WHERE action IN (\(marks)) ORDER BY seq DESC LIMIT 1",
        arguments: StatementArguments(actions.map(\.rawValue)))
    }
  }
}
