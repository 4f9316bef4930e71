import CivilTime
package import Sealing

extension License {
  /// Says what of the signing key's constraints the license exceeds, nil if nothing.
  ///
  /// A cap on days holds term and maintenance. Editions without a term have no end, so under such a
  /// cap the key's editions must name them. A license without a limit exceeds every cap on
  /// collectors, and a limit counts once for each installation.
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
    if let days = constraints.maximumDays {
      if let span = term ?? maintenance, span.days > days {
        return "\(span.days) days are more than \(days)"
      }
      if term == nil && named != true {
        return "a \(edition.rawValue) license has no end, and the longest term is \(days) days"
      }
    }
    if let most = constraints.maximumCollectors {
      guard let limit = collectors.limit else {
        return "a license without a limit has more than \(most) collectors"
      }
      let (total, overflow) = limit.multipliedReportingOverflow(by: installations)
      if overflow || total > most { return "\(total) collectors are more than \(most)" }
    }
    return nil
  }

  /// Says how the term falls short of what the edition sells, nil if it does not: a subscription
  /// lasts at least a year, pay-as-you-go a day.
  ///
  /// Held where licenses are issued, not where they are read: shortening a line is a revision too.
  package var termShortfall: String? {
    guard edition == .subscription, let term else { return nil }
    guard let least = term.from.endOfTerm(years: 1), term.through < least else { return nil }
    return "a subscription lasts at least a year: from \(term.from) through \(least) or later"
  }
}
