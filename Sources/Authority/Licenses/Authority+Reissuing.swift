internal import CivilTime
package import Libcrypto
internal import LibcryptoIssuing
package import Licensing
package import Sealing

/// Which licenses are to be reissued.
package struct ReissueOrder: Sendable {
  /// Empty for every line.
  package var names: [LicenseName]
  /// Only those that this key has signed.
  package var signedBy: Thumbprint?
  /// The key that signs the copies.
  package var key: Thumbprint

  package init(names: [LicenseName] = [], signedBy: Thumbprint? = nil, key: Thumbprint) {
    self.names = names
    self.signedBy = signedBy
    self.key = key
  }
}

/// What a reissue comes to.
package struct ReissuePlan: Sendable {
  /// The copies, in the order in which they are to be issued.
  package let drafts: [LicenseDraft]
  /// What is left out and why, in words.
  package let remarks: [BilingualText]
  let key: KeyRecord
}

extension Authority {
  /// Works out which licenses must be signed anew, and rehearses every copy.
  ///
  /// Rules:
  /// 1. What is in force and what is upcoming is copied; what is over, superseded or revoked is not.
  /// 2. A copy has the next revision of its line, so it would hide every upcoming revision that is
  ///    not copied after it: from the first that must be copied on, all that follow are.
  /// 3. What the key has signed already is left out, so that a run that was broken off is taken up
  ///    where it ended; copies that it still owes are ``LineHistory/interrupted``.
  /// - Throws: ``AuthorityError``; of several licenses none has then been issued.
  package func plan(_ order: ReissueOrder) throws(AuthorityError) -> ReissuePlan {
    guard order.signedBy != order.key else {
      throw AuthorityError(
        .inputInvalid, "--signed-by and --key are one key: name the new key with --key")
    }
    let now = try now()
    var drafts: [LicenseDraft] = []
    var remarks: [BilingualText] = []
    for (history, first) in try histories(order, at: now) {
      let copies = try Self.owed(history, from: first, order)
      if copies.isEmpty { remarks += Self.nothingLeft(history, order) }
      for (index, issued) in copies.enumerated() {
        var next = issued.license
        try number(&next, after: history, at: now)
        next.revision += Int64(index)
        // A copy says what the license said, also of whose it is.
        next.customer = issued.license.customer
        drafts.append(
          LicenseDraft(
            license: next, previous: issued.license, questions: [], remarks: [],
            action: .licenseReissue))
      }
    }
    let key = try registry.key(order.key)
    for draft in drafts {
      do throws(AuthorityError) { _ = try rehearse(draft, with: order.key) } catch {
        throw AuthorityError(
          error.code,
          "nothing was reissued, for \(draft.previous?.jti.text ?? draft.license.line.text) cannot "
            + "be: \(error.message)", refusal: error.refusal)
      }
    }
    return ReissuePlan(drafts: drafts, remarks: remarks, key: key)
  }

  /// Issues the copies one after the other.
  /// - Parameter issued: called after each one.
  /// - Throws: ``AuthorityError``; those before have then been issued, and a further run issues the
  ///   rest.
  package func reissue(
    _ plan: ReissuePlan, passphrase: Secret, why: String,
    each issued: (LicenseDraft, Verified<License>) throws(AuthorityError) -> Void
  ) throws(AuthorityError) {
    guard !plan.drafts.isEmpty else { return }
    let trust = try trust()
    // Opened once: decrypting a key is slow by design.
    let key = try open(plan.key, passphrase)
    for draft in plan.drafts {
      let intent = try begin(
        draft.license, as: .licenseReissue, with: key,
        by: try author(why, doing: draft.act, at: draft.license.iat))
      try issued(draft, try complete(intent, with: key, under: trust))
    }
  }

  /// The lines that are meant, each once, and from which revision on.
  private func histories(
    _ order: ReissueOrder, at now: Int64
  ) throws(AuthorityError) -> [(LineHistory, first: IssuedLicense?)] {
    var found: [(LineHistory, first: IssuedLicense?)] = []
    var lines: Set<LineID> = []
    guard !order.names.isEmpty else {
      return try LicenseBook(try registry.licenses(), self).histories.map { ($0, nil) }
    }
    for name in order.names {
      let history = try history(of: name, at: now)
      guard let line = history.newest?.license.line, lines.insert(line).inserted else {
        throw AuthorityError(
          .inputInvalid, "\(name) belongs to a line that was named before: name each line once")
      }
      found.append((history, try history.named(name)))
    }
    return found
  }

  /// The revisions of a line that are to be copied, in the order of their copies.
  private static func owed(
    _ history: LineHistory, from first: IssuedLicense?, _ order: ReissueOrder
  ) throws(AuthorityError) -> [IssuedLicense] {
    let interrupted = history.interrupted
    var queue = history.live + interrupted
    if let first {
      if let index = queue.firstIndex(of: first) {
        queue.removeFirst(index)
      } else {
        // Put back: it comes above all, so what begins after it must follow again.
        queue = [first] + history.hidden(by: first.license.term?.from, from: first)
      }
    }
    let start = queue.firstIndex { issued in
      if interrupted.contains(issued) || (first == issued && !history.live.contains(issued)) {
        return true
      }
      if let signedBy = order.signedBy { return issued.kid == signedBy }
      return issued.kid != order.key
    }
    return start.map { Array(queue[$0...]) } ?? []
  }

  /// Says why a line that was named has no copy.
  private static func nothingLeft(_ history: LineHistory, _ order: ReissueOrder) -> [BilingualText]
  {
    guard let newest = history.newest, !order.names.isEmpty else { return [] }
    let line = newest.license.line
    guard !history.live.isEmpty else {
      return [
        BilingualText(
          "\(line) has nothing in force or to come: it is over or revoked, renew it instead",
          "\(line) 没有生效中或尚未开始的修订：已结束或已吊销，请改为续订")
      ]
    }
    if let signedBy = order.signedBy {
      return [
        BilingualText(
          "\(line) has nothing left that key \(signedBy) signed", "\(line) 已没有由密钥 \(signedBy) 签署的内容"
        )
      ]
    }
    return [
      BilingualText(
        "\(line) is signed by key \(order.key) already", "\(line) 已由密钥 \(order.key) 签署")
    ]
  }
}

extension LineHistory {
  /// The revision that is named for a reissue, nil for a line.
  /// - Throws: ``AuthorityError`` `CONFLICT` for one that is over, revoked or was replaced.
  fileprivate func named(_ name: LicenseName) throws(AuthorityError) -> IssuedLicense? {
    guard case .license(let id) = name else { return nil }
    guard let named = revisions.first(where: { $0.license.jti == id }) else {
      throw .damaged("license \(id) is not in its line")
    }
    let cure: String
    switch standing(of: named) {
    case .inForce, .upcoming, .interrupted: return named
    case .superseded:
      // What was reissued is meant by its copy; one for later that another revision hides may be
      // put back.
      if let copy = live.last(where: { $0.isCopy(of: named) }) { return copy }
      if !named.license.hasBegun(on: today) { return named }
      cure = "is superseded: name \(newest?.license.jti.text ?? "-") or the line"
    case .revoked: cure = "is revoked: renew or amend the line instead"
    case .ended: cure = "is over: renew the line instead"
    }
    throw AuthorityError(.conflict, "\(id) \(cure)")
  }
}

extension IssuedLicense {
  /// Whether a reissue made it of an earlier revision.
  fileprivate func isCopy(of earlier: IssuedLicense) -> Bool {
    action == .licenseReissue && license.revision > earlier.license.revision
      && license.sells(as: earlier.license)
  }
}
