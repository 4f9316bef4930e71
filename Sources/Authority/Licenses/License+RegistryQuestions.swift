internal import CivilTime
internal import GRDB
internal import Licensing
internal import Sealing

extension Authority {
  /// What is to be confirmed because of what the registry knows, or of what it does not.
  /// - Parameter older: the revision that it was made from; what that one says already is not asked.
  func registryQuestions(
    about license: License, changing older: License?
  ) throws(AuthorityError) -> [IssuingQuestion] {
    var questions: [IssuingQuestion] = []
    if let older, !older.customer.isSameBytes(as: license.customer) {
      questions.append(
        IssuingQuestion(
          .customerRenamed, "customer",
          "the license before names \(older.customer), the registry \(license.customer)"))
    }
    if let currency = license.price?.currency, older?.price?.currency != currency,
      !Currencies.isKnown(currency)
    {
      questions.append(
        IssuingQuestion(
          .currencyUnknown, "price.currency",
          "\(currency) is no currency of ISO 4217: amounts are taken to have two digits after the "
            + "point"))
    }
    if let version = license.release, older?.release != version,
      try !hasSigned(version, of: license.product)
    {
      questions.append(
        IssuingQuestion(
          .releaseNotSigned, "release",
          "this registry has signed no release \(version) of \(license.product): the license covers "
            + "it for ever, whatever it turns out to be"))
    }
    return questions + (try comparisons(of: license, changing: older))
  }

  private func hasSigned(_ version: String, of product: String) throws(AuthorityError) -> Bool {
    try registry.releases().map(\.release).contains {
      $0.product.isSameBytes(as: product) && $0.version.isSameBytes(as: version)
    }
  }

  /// Asks about a line that the customer has for the product already: a renewal may have been meant.
  /// Lines whose newest revision is revoked are not asked about.
  func lineQuestions(
    about license: License, at now: Int64
  ) throws(AuthorityError) -> [IssuingQuestion] {
    let sold = try registry.licenses(of: license.sub).filter {
      $0.license.product.isSameBytes(as: license.product)
    }
    var lines: [String] = []
    let byLine = Dictionary(grouping: sold, by: \.license.line).sorted { $0.key < $1.key }
    for (line, revisions) in byLine {
      let today = try zone(revisions.last?.license.zone ?? license.zone).date(at: now)
      let history = LineHistory(revisions, today: today)
      guard let newest = history.newest, newest.state == .issued else { continue }
      let shown = history.inForce ?? newest
      let end = newest.license.span.map { ", through \($0.through)" } ?? ""
      lines.append(
        "\(line) (\(shown.license.edition.rawValue), \(history.standing(of: shown).rawValue)\(end))"
      )
    }
    guard !lines.isEmpty else { return [] }
    let most = 3
    let named = lines.prefix(most).joined(separator: ", ")
    let more = lines.count > most ? " and \(lines.count - most) more" : ""
    return [
      IssuingQuestion(
        .lineExists, "line",
        "\(license.customer) has a line for \(license.product) already: \(named)\(more); to prolong or "
          + "change one, run \"tally license renew\" or \"amend\" with its name")
    ]
  }
}
