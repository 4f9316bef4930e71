package import CivilTime
internal import Licensing
internal import Sealing

extension Authority {
  /// A license with other conditions as it would be issued: the next revision of its line.
  ///
  /// It may be shorter than the edition's least term, which is remarked.
  /// - Parameters:
  ///   - from: the new first date.
  ///   - end: the new end, counted from the first date.
  /// - Throws: ``AuthorityError`` `NOT_FOUND`, `CONFLICT` for a revision that counts no more,
  ///   `INPUT_INVALID` for changes that make no sense, or are none.
  package func draftAmendment(
    of name: LicenseName, _ changes: LicenseChanges, from: CivilDate? = nil, end: TermEnd? = nil
  ) throws(AuthorityError) -> LicenseDraft {
    let now = try now()
    let history = try history(of: name, at: now)
    let base = try history.current(name)
    var next = try changes.applied(to: base.license)
    next.span = try Self.amended(next, from, end, today: history.today)
    guard !next.sells(as: base.license) else {
      throw AuthorityError(
        .inputInvalid,
        "nothing would change: \(base.license.jti) says all of this already; for another signature "
          + "there is \"tally license reissue\"")
    }
    try number(&next, after: history, at: now)
    var remarks =
      Self.basis(base, of: next, in: history) + Self.scheduled(next, after: base, in: history)
    if next.span != base.license.span, next.termShortfall != nil {
      remarks.append(
        BilingualText(
          "shorter than the year that a subscription is sold for: allowed, because this amends",
          "短于订阅版至少一年的期限：这是修改，因此允许"))
    }
    return try draft(next, of: base, in: history, as: .licenseAmend, remarks)
  }

  private static func amended(
    _ license: License, _ from: CivilDate?, _ end: TermEnd?, today: CivilDate
  ) throws(AuthorityError) -> Term? {
    let present = license.span
    guard license.edition != .community else {
      guard from == nil, end == nil else {
        throw AuthorityError(
          .inputInvalid,
          "a community license has no dates: leave --from, --years, --days and "
            + "--through out")
      }
      return nil
    }
    guard let end = end ?? present.map({ .through($0.through) }) else {
      throw AuthorityError(
        .inputInvalid,
        "a \(license.edition.rawValue) license needs an end: give --years, --days or --through")
    }
    return try Term.from(from ?? present?.from ?? today, to: end)
  }

  /// Says which revision is taken where a line has several that count.
  private static func basis(
    _ base: IssuedLicense, of next: License, in history: LineHistory
  ) -> [BilingualText] {
    guard history.standing(of: base) == .upcoming, let inForce = history.inForce,
      let from = base.license.term?.from
    else { return [] }
    let amends = "this amends revision \(base.license.revision), which begins on \(from)"
    let chinese = "所修改的是自 \(from) 起的修订号 \(base.license.revision)"
    let name = "(for that one name \(inForce.license.jti))"
    let chineseName = "要修改后者，请指明 \(inForce.license.jti)"
    let first = history.begin(of: next)
    guard first < from else {
      return [
        BilingualText(
          "\(amends); revision \(inForce.license.revision), in force until then, stays as it is "
            + name,
          "\(chinese)；此前生效的修订号 \(inForce.license.revision) 保持不变；\(chineseName)")
      ]
    }
    let present = (history.inForce(on: first) ?? inForce).license.revision
    return [
      BilingualText(
        "\(amends), and begins earlier, on \(first): it takes the place of revision "
          + "\(present) that day \(name)",
        "\(chinese)，但提前到 \(first) 开始，当天取代修订号 \(present)；\(chineseName)")
    ]
  }

  /// Says what is in force until the amendment begins.
  private static func scheduled(
    _ next: License, after base: IssuedLicense, in history: LineHistory
  ) -> [BilingualText] {
    guard let from = next.term?.from, from > history.today, base.state == .issued,
      base.license.term.map({ $0.from < from }) ?? true
    else { return [] }
    let hasBegun = base.license.hasBegun(on: history.today)
    let revision = base.license.revision
    return [
      BilingualText(
        "revision \(revision) \(hasBegun ? "stays in force" : "still comes into force") until "
          + "\(from), when this one takes its place",
        "修订号 \(revision) \(hasBegun ? "继续有效" : "仍将生效")，直到 \(from) 由本修订取代")
    ]
  }

  /// Gives a license the ids and numbers of the next revision.
  func number(
    _ license: inout License, after history: LineHistory, at now: Int64
  ) throws(AuthorityError) {
    let keyset = try trust().keyset
    let newest = history.newest?.license.revision ?? 0
    license.customer = try registry.customer(license.sub).name
    license.jti = try IdentifierMaker(random: random).make(at: now)
    license.revision = newest + 1
    license.leastEpoch = keyset.epoch
    license.iss = keyset.iss
    license.iat = now
  }

  /// The draft with every question that the change raises.
  func draft(
    _ license: License, of base: IssuedLicense, in history: LineHistory,
    as action: AuditEntry.Action, _ remarks: [BilingualText]
  ) throws(AuthorityError) -> LicenseDraft {
    try Self.requireDays(license, in: zone(license.zone))
    var questions = license.questions(today: history.today, changing: base.license)
      .map { IssuingQuestion($0) }
    questions += try registryQuestions(about: license, changing: base.license)
    questions += license.cutQuestions(from: base.license, today: history.today)
    questions += effects(of: license, madeFrom: base, in: history)
    if license.edition == .community, base.license.edition != .community {
      questions.append(
        IssuingQuestion(
          .editionFree, "edition",
          "a community license is in force at once: the \(base.license.edition.rawValue) license "
            + "is given up, whatever was paid for it"))
    }
    return LicenseDraft(
      license: license, previous: base.license,
      replaced: history.replaced(by: license, madeFrom: base)?.license, questions: questions,
      remarks: remarks, action: action)
  }

  /// What is to be confirmed because of the line's other revisions.
  private func effects(
    of license: License, madeFrom base: IssuedLicense, in history: LineHistory
  ) -> [IssuingQuestion] {
    let first = history.begin(of: license)
    let key = copyingKey(for: license)
    var questions: [IssuingQuestion] = []
    if let lifted = history.lifted(by: license)?.license {
      questions.append(
        IssuingQuestion(
          .revocationLifted, "revision",
          "revision \(lifted.revision) (\(lifted.jti)) is revoked; once this one begins, on "
            + "\(first), the platform may be used again"))
    }
    if let replaced = history.replaced(by: license, madeFrom: base)?.license {
      questions.append(
        IssuingQuestion(
          .revisionReplaced, "term",
          "this is made from revision \(base.license.revision), and takes the place of revision "
            + "\(replaced.revision) (\(replaced.jti)) on \(first), with all that differs; to "
            + "change that one, name it"))
    }
    for lost in history.hidden(by: license.term?.from, from: base) {
      questions.append(
        IssuingQuestion(
          .revisionHidden, "term",
          "revision \(lost.license.revision) (\(lost.license.jti)), which begins on "
            + "\(lost.license.term?.from.description ?? "-"), would never come into force; to keep "
            + "it, run \"tally license reissue \(lost.license.jti) --key \(key) --why ...\" after "
            + "this"))
    }
    questions += history.interruptedInWords(key: key).map {
      IssuingQuestion(.reissueInterrupted, "revision", "\($0) before this")
    }
    return questions
  }

  /// The key that would sign a copy now, for command lines in messages: that of the older document may
  /// be retired.
  func copyingKey(for license: License) -> String {
    guard let trust = try? trust(), let found = try? signingKey(for: license, in: trust, nil) else {
      return "KEY"
    }
    return found.0.thumbprint.text
  }
}
