package import CivilTime
package import Licensing
package import Metering

/// What the counter takes from the license under which it counts.
package struct CountingTerms: Sendable, Equatable {
  package var rules: CountingRules
  package var zone: Zone

  /// - Throws: ``VerifierError`` `REQUEST_REFUSED` for rules that cannot be counted by.
  package init(_ license: License, zone: Zone) throws(VerifierError) {
    rules = try Self.rules(of: license)
    self.zone = zone
  }

  /// The rules of a license.
  /// - Throws: ``VerifierError`` `REQUEST_REFUSED` for rules that cannot be counted by.
  package static func rules(of license: License) throws(VerifierError) -> CountingRules {
    guard
      let rules = CountingRules(
        window: license.collectors.window, dwell: license.collectors.dwell,
        limit: license.collectors.limit,
        refusesAboveLimit: license.collectors.overage == .refuse)
    else {
      throw VerifierError(
        .requestRefused,
        "license \(license.jti) counts with a window of \(license.collectors.window) s and a dwell "
          + "of \(license.collectors.dwell) s, which this version cannot: update the verifier")
    }
    return rules
  }
}
