internal import GRDB
internal import Licensing
internal import Sealing

// What is asked because a license is unlike the others of the registry.

extension Authority {
  /// Times that a price may differ from all others before it is asked about.
  private static let usualFactor: Int64 = 5

  /// - Parameter older: the revision that it was made from; what that one says already is not asked.
  func comparisons(
    of license: License, changing older: License?
  ) throws(AuthorityError) -> [IssuingQuestion] {
    let hasNewPrice = license.price != older?.price
    let hasNewGateway = license.reporting.gateway != older?.reporting.gateway
    guard older == nil || hasNewPrice || hasNewGateway else { return [] }
    let sold = try registry.newestClaims()
    var questions: [IssuingQuestion] = []
    if older == nil,
      let question = try productQuestion(about: license.product, a: "license", sold)
    {
      questions.append(question)
    }
    if hasNewPrice, let question = license.priceQuestion(among: sold, within: Self.usualFactor) {
      questions.append(question)
    }
    if hasNewGateway, let question = license.gatewayQuestion(among: sold) {
      questions.append(question)
    }
    return questions
  }

  /// Asks about a product that no release and no license names, unless there is none of either: in a
  /// registry that has just begun every product is new.
  /// - Parameter what: what is to be issued, in a word.
  func productQuestion(
    about product: String, a what: String, _ sold: [License]
  ) throws(AuthorityError) -> IssuingQuestion? {
    let known = Set(try registry.releases().map(\.release.product) + sold.map(\.product))
    guard !known.isEmpty, !known.contains(where: { $0.isSameBytes(as: product) }) else {
      return nil
    }
    return IssuingQuestion(
      .productNew, "product",
      "no release and no license names the product \(product) yet; known are "
        + "\(known.sorted().listed(5)): a \(what) of a name that was typed wrong is of use to nobody"
    )
  }
}

extension License {
  /// Asks about a price that is far from all others of the product and currency. A price of nothing is
  /// another question's matter.
  fileprivate func priceQuestion(
    among sold: [License], within factor: Int64
  ) -> IssuingQuestion? {
    guard let price, price.minorPerCollectorDay > 0 else { return nil }
    let amounts = sold.filter { $0.product.isSameBytes(as: product) }.compactMap(\.price)
      .filter { $0.currency == price.currency && $0.minorPerCollectorDay > 0 }
      .map(\.minorPerCollectorDay)
    guard let least = amounts.min(), let most = amounts.max(),
      price.minorPerCollectorDay > most * factor || price.minorPerCollectorDay * factor < least
    else { return nil }
    func text(_ amount: Int64) -> String {
      Money.text(Price(currency: price.currency, minorPerCollectorDay: amount))
    }
    let usual = least == most ? text(least) : "\(text(least)) to \(text(most))"
    return IssuingQuestion(
      .priceUnusual, "price.minor_per_collector_day",
      "a collector costs \(Money.text(price)) a day; the other licenses of \(product) have \(usual): "
        + "more than \(factor) times as much, or less than a part in \(factor)")
  }

  /// Asks about a gateway that no other license names, where others name one.
  fileprivate func gatewayQuestion(among sold: [License]) -> IssuingQuestion? {
    guard let gateway = reporting.gateway else { return nil }
    let known = Set(sold.compactMap(\.reporting.gateway).map(\.plainAddress))
    guard !known.isEmpty, !known.contains(gateway.plainAddress) else { return nil }
    return IssuingQuestion(
      .gatewayNew, "reporting.gateway",
      "no other license names \(gateway); they name \(known.sorted().listed(3)): installations that "
        + "do not reach their gateway stop when the lease ends")
  }
}

extension String {
  /// An address without capitals and slashes at its end.
  fileprivate var plainAddress: String {
    var text = lowercased()
    while text.hasSuffix("/") { text.removeLast() }
    return text
  }
}

extension [String] {
  /// The first of them, and how many more there are.
  func listed(_ most: Int) -> String {
    prefix(most).joined(separator: ", ") + (count > most ? " and \(count - most) more" : "")
  }
}

extension Registry {
  /// What the newest license of every line says that was not revoked, its seal unseen: for what is asked,
  /// never for what is signed. One that cannot be read is left out, for it must not keep others from
  /// being issued.
  func newestClaims() throws(AuthorityError) -> [License] {
    try read { db in
      try String.fetchAll(
        db,
        sql: """
          SELECT payload FROM licenses
          WHERE state = 'issued' AND revision = (
            SELECT max(revision) FROM licenses AS other WHERE other.line = licenses.line)
          ORDER BY intent
          """
      ).compactMap { try? License.parse(Array($0.utf8)) }
    }
  }
}
