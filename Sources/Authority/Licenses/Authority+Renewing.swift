internal import CivilTime
package import Libcrypto
package import Licensing
package import Sealing

extension Authority {
  /// A line with new dates as it would be issued: the next revision. Everything else stays, but for
  /// the changes.
  ///
  /// The dates are those of the term, or of a perpetual license's maintenance; those of a community
  /// license that becomes another edition begin today.
  /// - Parameters:
  ///   - end: how long, or through which date.
  ///   - basis: what the new dates begin after; nil is ``RenewalBasis/fromEnd``, which is remarked.
  /// - Throws: ``AuthorityError`` `NOT_FOUND`, `CONFLICT`, `INPUT_INVALID`.
  package func draftRenewal(
    of name: LicenseName, _ changes: LicenseChanges = LicenseChanges(), end: TermEnd,
    basis: RenewalBasis? = nil
  ) throws(AuthorityError) -> LicenseDraft {
    let now = try now()
    let history = try history(of: name, at: now)
    let base = try history.current(name)
    guard base == history.newest else {
      throw AuthorityError(
        .conflict,
        "\(name) is in force, and revision \(history.newest?.license.revision ?? 0) follows it "
          + "already: renew the line, or amend one of the two")
    }
    var next = try changes.applied(to: base.license)
    guard next.edition != .community else {
      throw AuthorityError(
        .inputInvalid,
        "a community license has no dates to renew; --edition makes it a commercial one")
    }
    let present = base.license.span
    let term = try Self.renewed(present, end, basis, today: history.today)
    next.span = term
    if let present, term.through < present.through {
      throw AuthorityError(
        .inputInvalid,
        "it would end on \(term.through), before the present end, \(present.through): a renewal "
          + "never shortens; for that there is \"tally license amend\"")
    }
    try Self.requireTerm(next)
    try number(&next, after: history, at: now)
    return try draft(
      next, of: base, in: history, as: .licenseRenew,
      Self.remarks(present, term, basis, today: history.today)
    ).asking(Self.overlap(base.license, term))
  }

  /// Asks about days that were paid for and are counted again. Pay-as-you-go is paid by use, not by days.
  private static func overlap(_ base: License, _ term: Term) -> [IssuingQuestion] {
    guard base.edition != .payg, let present = base.span else { return [] }
    let twice = term.from.days(until: present.through) + 1
    guard twice > 0 else { return [] }
    return [
      IssuingQuestion(
        .daysTwice, base.edition == .perpetual ? "maintenance" : "term",
        "paid for twice: \(days(twice)), for it begins on \(term.from), before the present end, "
          + "\(present.through); --basis from-end begins after it")
    ]
  }

  /// Renews a line; see ``draftRenewal(of:_:end:basis:)``.
  package func renewLicense(
    _ line: LineID, end: TermEnd, basis: RenewalBasis, key: Thumbprint? = nil,
    passphrase: Secret, confirmed: Bool = false, why: String
  ) throws(AuthorityError) -> Verified<License> {
    try issue(
      draftRenewal(of: .line(line), end: end, basis: basis), with: key, passphrase: passphrase,
      confirmed: confirmed, why: why)
  }

  /// Holds the shortest term that the edition sells.
  static func requireTerm(_ license: License) throws(AuthorityError) {
    guard let shortfall = license.termShortfall else { return }
    throw AuthorityError(.inputInvalid, "\(shortfall); give --years 1 or more")
  }

  private static func renewed(
    _ present: Term?, _ end: TermEnd, _ basis: RenewalBasis?, today: CivilDate
  ) throws(AuthorityError) -> Term {
    guard let present else {
      guard basis != .fromEnd else {
        throw AuthorityError(
          .inputInvalid, "there is no present end to count from: give --basis today")
      }
      return try Term.from(today, to: end)
    }
    guard let next = present.through.adding(days: 1) else {
      throw AuthorityError(
        .inputInvalid, "it ends on \(present.through), the last date there is: nothing follows")
    }
    let first =
      switch basis ?? .fromEnd {
      case .fromEnd: next
      case .today: today
      case .later: max(next, today)
      }
    return try Term.from(first, to: end)
  }

  /// Where the dates are counted from, and what lies between the old and the new ones.
  private static func remarks(
    _ present: Term?, _ term: Term, _ basis: RenewalBasis?, today: CivilDate
  ) -> [BilingualText] {
    guard let present else {
      return [
        BilingualText(
          "counted from today, \(term.from): there is no earlier end",
          "从今天 \(term.from) 算起：此前没有期限")
      ]
    }
    var remarks: [BilingualText] = []
    if basis == nil {
      remarks.append(
        BilingualText(
          "counted from the present end, \(present.through), because --basis was not given; --basis "
            + "today or later counts otherwise",
          "没有给出 --basis，因此从现有期限的最后一天 \(present.through) 算起；--basis today 或 later 另有算法"))
    }
    let between = present.through.days(until: term.from) - 1
    if between > 0 {
      remarks.append(
        BilingualText(
          "not covered: \(days(between)) between the present end, \(present.through), and the new "
            + "beginning, \(term.from)",
          "中断 \(between) 天：现有期限到 \(present.through) 为止，新期限从 \(term.from) 开始"))
    } else if between < 0 {
      remarks.append(
        BilingualText(
          "it begins on \(term.from), \(days(-between)) before the present end, "
            + "\(present.through)",
          "新期限从 \(term.from) 开始，比现有期限 \(present.through) 结束早 \(-between) 天"))
    } else if present.through < today {
      remarks.append(
        BilingualText(
          "it begins on \(term.from), in the past: the dates since then are made up for",
          "从过去的 \(term.from) 开始：补上此后的日期"))
    }
    return remarks
  }

  private static func days(_ count: Int64) -> String { count == 1 ? "1 day" : "\(count) days" }
}
