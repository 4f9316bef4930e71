import CivilTime
package import Sealing

extension License {
  /// Says what of the signing key's constraints the license exceeds, nil if nothing.
  ///
  /// Rules of the caps:
  /// 1. A cap on days holds every calendar day from the earlier of the first day and the UTC date of
  ///    `iat` through the last day of grace; of a perpetual license, of maintenance. So neither grace
  ///    nor a far begin leaves the cap.
  /// 2. Editions without a term have no end: under such a cap the key's editions must name them.
  /// 3. A cap on collectors holds the limit, once for each installation. Without a limit that refuses
  ///    there is none, nor where a license need not be activated: nobody counts its copies.
  package func excess(over constraints: KeyConstraints) -> String? {
    if let products = constraints.products,
      !products.contains(where: { $0.isSameBytes(as: product) })
    {
      return "product \(product) is not among \(products.joined(separator: ", "))"
    }
    let named = constraints.editions?.contains { $0.isSameBytes(as: edition.rawValue) }
    if let editions = constraints.editions, named == false {
      return "edition \(edition.rawValue) is not among \(editions.joined(separator: ", "))"
    }
    return constraints.maximumDays.flatMap { excess(overDays: $0, isNamed: named == true) }
      ?? constraints.maximumCollectors.flatMap { excess(overCollectors: $0) }
  }

  /// The days that a cap on them holds, nil where the license has no dates.
  package var cappedDays: Int64? {
    guard let span = term ?? maintenance else { return nil }
    let issued = CivilDate(clampingDaysSinceEpoch: iat / 86_400)
    return min(span.from, issued).days(until: graceThrough ?? span.through) + 1
  }

  private func excess(overDays most: Int64, isNamed: Bool) -> String? {
    if let days = cappedDays, days > most {
      let end = graceThrough == nil ? "maintenance" : "grace"
      return "\(days) days from issue or begin through the end of \(end) are more than \(most)"
    }
    guard term == nil && !isNamed else { return nil }
    return "a \(edition.rawValue) license has no end, and the longest term is \(most) days: it "
      + "takes a key made without --max-days, or one made with --edition \(edition.rawValue)"
  }

  private func excess(overCollectors most: Int64) -> String? {
    guard let limit = collectors.limit else {
      return "a license without a limit has more than \(most) collectors"
    }
    guard collectors.overage == .refuse else {
      return "a limit that only records has more than \(most) collectors: overage must be refuse"
    }
    guard activation == .required else {
      return "copies of a license that need not be activated have more than \(most) collectors: "
        + "activation must be required"
    }
    let (total, overflow) = limit.multipliedReportingOverflow(by: installations)
    guard overflow || total > most else { return nil }
    return "\(overflow ? "too many" : String(total)) collectors are more than \(most)"
  }

  /// Says how the term falls short of what the edition sells, nil if it does not: a subscription
  /// lasts at least a year, pay-as-you-go a day, which every term has.
  ///
  /// Held where a term is issued or renewed, not where it is read: an amendment may shorten it.
  package var termShortfall: String? {
    guard edition == .subscription, let term else { return nil }
    guard let least = term.from.endOfTerm(years: 1) else {
      return "a subscription lasts at least a year, and from \(term.from) there is none left"
    }
    guard term.through < least else { return nil }
    return "a subscription lasts at least a year: from \(term.from) through \(least) or later"
  }
}
