internal import Licensing
internal import Reporting
internal import Sealing

/// What an answer brings to an installation beside what it asked for: newer licenses of its own line, the
/// keyset, the revocations.
enum BackChannel {
  /// - Parameters:
  ///   - license: one that the installation is known to hold: others go to it only if customer, product
  ///     and line are the same.
  static func delivery(
    _ terms: LineTerms, holder license: License?, _ view: GatewayTrust.View, have: Holdings
  ) -> Delivery {
    let licenses = terms.licenses.filter { candidate in
      let payload = candidate.payload
      guard let license, terms.published.contains(payload.jti) else { return false }
      return payload.sub == license.sub && payload.line == license.line
        && payload.product.isSameBytes(as: license.product)
        && payload.revision > have.revision ?? 0
    }
    let keysets = view.chain.filter { $0.epoch > have.epoch ?? 0 }
    let revocations = view.revocations.flatMap {
      $0.payload.seq > have.revocations ?? 0 ? $0.jws : nil
    }
    return Delivery(
      licenses: licenses.map(\.jws), keysets: keysets.map(\.text), revocations: revocations)
  }
}
