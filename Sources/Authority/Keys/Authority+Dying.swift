internal import Libcrypto
internal import Licensing
package import Sealing

// Licenses that somebody uses and that a keyset makes worth nothing where it arrives.

extension Authority {
  /// What is to be confirmed before keysets are sent out.
  /// - Parameter leftOut: what is in use and not sent, since nobody who has the keyset believes it.
  package func questions(
    sending plan: PublicationPlan, without leftOut: SignedDocuments
  ) -> [IssuingQuestion] {
    guard !plan.keysets.isEmpty, !leftOut.licenses.isEmpty else { return [] }
    return [
      dying(
        leftOut.licenses, "keyset \(plan.epoch)",
        "sign them again first: \(Self.copying(leftOut.licenses, copyingKey(for:)))")
    ]
  }

  /// What is to be confirmed before a keyset is taken into the registry.
  ///
  /// The new key stands in the same keyset that revokes the old one, so licenses are signed again only
  /// after it: nothing is asked where that can be done, and nobody gets the keyset before.
  /// - Parameter isHandedOut: whether the command writes it into a file.
  package func questions(
    publishing keyset: Keyset, isHandedOut: Bool
  ) throws(AuthorityError) -> [IssuingQuestion] {
    guard let trust = try establishedTrust() else { return [] }
    let now = try now()
    let living = keyset.livingKeys(for: .license, using: cryptography)
    let all = try registry.licenses()
    let dying = all.filter {
      living[$0.kid] == nil && isOpened($0, by: trust) && isInUse($0, among: all, at: now)
    }
    let name = "keyset \(keyset.epoch)"
    if isHandedOut, !dying.isEmpty {
      let commands = Self.copying(dying) { _ in "NEW" }
      return [
        self.dying(
          dying, name,
          "leave --out away, sign them again (\(commands)), and only then write the keyset out")
      ]
    }
    let lost = dying.filter { issued in
      var copy = issued.license
      copy.iat = now
      return !living.values.contains {
        ($0.from...$0.through).contains(now) && copy.excess(over: $0.constraints) == nil
      }
    }
    guard !lost.isEmpty else { return [] }
    return [
      self.dying(
        lost, name,
        "it has no key that may sign them again: first make one, \"tally key new --use license\"")
    ]
  }

  private func dying(
    _ licenses: [IssuedLicense], _ keyset: String, _ cure: String
  ) -> IssuingQuestion {
    let most = 5
    let named = licenses.prefix(most).map(\.license.words).joined(separator: ", ")
    let more = licenses.count > most ? " and \(licenses.count - most) more" : ""
    let count = licenses.count == 1 ? "1 license" : "\(licenses.count) licenses"
    return IssuingQuestion(
      .licensesDie, "keyset",
      "\(count) in force or bought for later end wherever \(keyset) arrives, for the key is revoked "
        + "or gone, and no revision under another key takes their place: \(named)\(more); \(cure)")
  }

  /// The commands that sign licenses again, one for each key that has signed some.
  private static func copying(
    _ licenses: [IssuedLicense], _ key: (License) -> String
  ) -> String {
    var seen: [Thumbprint] = []
    var commands: [String] = []
    for issued in licenses where !seen.contains(issued.kid) {
      seen.append(issued.kid)
      commands.append(
        "\"tally license reissue --all --signed-by \(issued.kid) --key \(key(issued.license)) "
          + "--why ...\"")
    }
    return commands.joined(separator: ", ")
  }
}

extension Keyset {
  /// Its keys of one use that it does not revoke, by name.
  fileprivate func livingKeys(
    for use: KeyUse, using cryptography: LibcryptoProvider
  ) -> [Thumbprint: OnlineKey] {
    var living: [Thumbprint: OnlineKey] = [:]
    for key in keys where key.use == use {
      let name = key.key.thumbprint(using: cryptography)
      if !revoked.contains(where: { $0.kid == name }) { living[name] = key }
    }
    return living
  }
}

extension License {
  /// A line and what was sold, for questions: `lin_... (ACME Ltd, payg, 100 collectors, through DATE)`.
  var words: String {
    let limit = collectors.limit.map { "\($0) collectors" } ?? "no limit"
    let end = term.map { "through \($0.through)" } ?? "without end"
    return "\(line) (\(customer), \(edition.rawValue), \(limit), \(end))"
  }
}
