internal import GRDB
internal import Licensing
internal import Sealing

extension Authority {
  /// What a target has not confirmed yet.
  /// - Parameters:
  ///   - target: the gateway's address; nil for a file, which gets everything.
  ///   - all: everything, confirmed or not, for a gateway that was restored from a backup.
  package func plan(
    for target: String?, all: Bool = false
  ) throws(AuthorityError) -> PublicationPlan {
    let trust = try trust()
    let known = target == nil || all ? [] : try registry.published(at: target ?? "")
    let isKnown = known.contains("keyset \(trust.keyset.epoch)")
    let revocations = try registry.newestRevocations().flatMap {
      // Documents of a key that does not stand are refused by everybody.
      isOpened($0.jws, by: trust) && !known.contains("revocations \($0.revocations.seq)") ? $0 : nil
    }
    let licenses = try registry.licenses().filter {
      !known.contains($0.license.jti.text) && isOpened($0, by: trust)
    }
    return PublicationPlan(
      keysets: isKnown ? [] : trust.chain, epoch: trust.keyset.epoch, revocations: revocations,
      licenses: licenses)
  }

  func isOpened(_ issued: IssuedLicense, by trust: TrustSet) -> Bool {
    (try? trust.open(Array(issued.jws.utf8), as: License.self)) != nil
  }

  func isOpened(_ revocations: String, by trust: TrustSet) -> Bool {
    (try? trust.open(Array(revocations.utf8), as: Revocations.self)) != nil
  }

  /// What is not published, since nobody would believe it: its key is revoked, or in no keyset.
  package func unpublishable() throws(AuthorityError) -> [String] {
    let trust = try trust()
    let revocations = try registry.newestRevocations()
    return (revocations.map { isOpened($0.jws, by: trust) ? [] : [$0.name] } ?? [])
      + (try registry.licenses().filter { !isOpened($0, by: trust) }.map(\.license.jti.text))
  }

  /// The reason for the log of a publication, with what was confirmed.
  package func reason(
    _ why: String, for plan: PublicationPlan, to target: String,
    confirming questions: [IssuingQuestion]
  ) -> String {
    let reason = Author.reason(why, plan.act(to: target))
    return IssuingQuestion.reason(reason, confirming: questions)
  }

  /// Keeps in the audit log that a plan went into a file, and why. A file confirms nothing: the next
  /// one gets everything again.
  package func logPublication(
    _ plan: PublicationPlan, into file: String, why: String
  ) throws(AuthorityError) {
    let author = try author(why, doing: plan.act(to: file))
    try registry.write { db in
      try Registry.append(
        .publish, subjects: [file] + plan.documents, payload: plan.json.text, by: author, in: db)
    }
  }

  /// Remembers that a target has confirmed a plan.
  package func markPublished(
    _ plan: PublicationPlan, at target: String, why: String
  ) throws(AuthorityError) {
    let author = try author(why, doing: plan.act(to: target))
    try registry.write { db in
      for document in plan.documents {
        try db.execute(
          sql: """
            INSERT INTO publications (target, document, published_at) VALUES (?, ?, ?)
            ON CONFLICT (target, document) DO UPDATE SET published_at = excluded.published_at
            """, arguments: [target, document, author.at])
      }
      try Registry.append(
        .publish, subjects: [target] + plan.documents, payload: plan.json.text, by: author, in: db)
    }
  }
}

extension Registry {
  /// The names of what a target has confirmed.
  func published(at target: String) throws(AuthorityError) -> Set<String> {
    try read { db in
      try Set(
        String.fetchAll(
          db, sql: "SELECT document FROM publications WHERE target = ?", arguments: [target]))
    }
  }
}
