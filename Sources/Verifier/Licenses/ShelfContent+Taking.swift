internal import Libcrypto
internal import Licensing
internal import Sealing

/// What taking an offer changed.
package struct ShelfChange: Sendable {
  package let content: ShelfContent
  /// One line for each change, for people; empty where nothing was new.
  package let words: [String]
  /// What was good and still not taken, and why; one line for each, for people.
  package let remarks: [String]

  package var isChange: Bool { !words.isEmpty }
}

extension ShelfContent {
  /// Verifies an offer and adds what is new.
  ///
  /// Rules:
  /// 1. Keysets come first; everything else is opened by the trust that they lead to.
  /// 2. Zone, product and customer never change within a line.
  /// 3. By hand, any refusal refuses the whole offer. From a gateway, licenses of another line,
  ///    customer or product, and those not above the revision held, are left aside; a document that
  ///    does not verify refuses only itself. A license held whose key fell out of trust still says
  ///    whose the line is, but its revision does not count: what it may be is not known any more.
  /// 4. Revocations that are not above the ones kept change nothing; those above that leave out a license
  ///    which the kept ones revoke are passed over, and said so.
  /// - Throws: ``VerifierError`` `DOCUMENT_REFUSED`, `REQUEST_REFUSED`. Nothing is changed then.
  package func taking(_ offer: ShelfOffer) throws(VerifierError) -> ShelfChange {
    var taker = ShelfTaker(content: self, offer: offer)
    try taker.takeKeysets()
    for text in offer.licenses { try taker.takeLicense(text) }
    if let text = offer.activation { try taker.takeActivation(text) }
    if let text = offer.revocations { try taker.takeRevocations(text) }
    guard !taker.words.isEmpty else {
      return ShelfChange(content: self, words: [], remarks: taker.remarks)
    }
    let content = ShelfContent(
      base: base, held: taker.held, receipts: receipts, record: record)
    return ShelfChange(content: content, words: taker.words, remarks: taker.remarks)
  }
}

private struct ShelfTaker {
  let content: ShelfContent
  let offer: ShelfOffer
  var held: HeldDocuments
  var trust: TrustSet?
  var licenses: [License]
  /// Those held whose key fell out of trust before this offer.
  let distrusted: [License]
  var words: [String] = []
  var remarks: [String] = []

  init(content: ShelfContent, offer: ShelfOffer) {
    self.content = content
    self.offer = offer
    held = content.held
    trust = content.trust
    licenses = content.licenses.map(\.payload)
    distrusted = content.distrusted
  }

  mutating func takeKeysets() throws(VerifierError) {
    guard !offer.keysets.isEmpty else { return }
    do throws(Refusal) {
      let advanced =
        if let trust {
          try trust.advanced(by: offer.keysets)
        } else {
          try TrustSet.establish(
            roots: content.base.roots, keysets: offer.keysets, using: LibcryptoProvider())
        }
      if advanced.keyset.epoch != trust?.keyset.epoch {
        words.append("keyset \(advanced.keyset.epoch) of \(advanced.keyset.iss)")
      }
      trust = advanced
      held.keysets = advanced.chain
    } catch { try refuse(error, "keyset") }
  }

  mutating func takeLicense(_ text: String) throws(VerifierError) {
    guard let license: Verified<License> = try open(text) else { return }
    let payload = license.payload
    guard held.licenses[payload.jti.text] == nil else { return }
    let line = licenses.filter { $0.line == payload.line }
    let lost = distrusted.filter { $0.line == payload.line }
    if let other = line.first(where: { !$0.isSameLine(as: payload) }) {
      guard offer.origin == .hand else { return }
      throw VerifierError(
        .requestRefused,
        "license \(payload.jti) is of line \(payload.line), but for another customer, product or "
          + "time zone than license \(other.jti): ask the vendor")
    }
    if offer.origin == .gateway {
      guard
        line.map(\.revision).max().map({ payload.revision > $0 })
          ?? lost.contains(where: { $0.isSameLine(as: payload) })
      else { return }
    }
    held.licenses[payload.jti.text] = license.jws
    licenses.append(payload)
    words.append("license \(payload.jti), revision \(payload.revision) of line \(payload.line)")
  }

  mutating func takeActivation(_ text: String) throws(VerifierError) {
    guard let activation: Verified<Activation> = try open(text) else { return }
    let own = content.base.key.thumbprint(using: LibcryptoProvider())
    guard activation.payload.installation == own else {
      throw VerifierError(
        .requestRefused,
        "the activation is for installation \(activation.payload.installation), this is \(own)")
    }
    guard (licenses + distrusted).contains(where: { $0.line == activation.payload.line }) else {
      throw VerifierError(
        .requestRefused,
        "the activation is for line \(activation.payload.line), of which no license is installed")
    }
    guard held.activation != activation.jws else { return }
    held.activation = activation.jws
    words.append("activation for line \(activation.payload.line)")
  }

  mutating func takeRevocations(_ text: String) throws(VerifierError) {
    guard let document: Verified<Revocations> = try open(text) else { return }
    // Under the keyset that came along: what a key sealed that it revokes counts as never seen.
    let known: Verified<Revocations>? = content.revocations.flatMap {
      try? trust?.open(Array($0.jws.utf8))
    }
    guard document.payload.seq > known?.payload.seq ?? 0 else { return }
    if let known = known?.payload, let license = document.payload.omission(from: known) {
      remarks.append(
        "revocations \(document.payload.seq) are passed over: they leave out license \(license), "
          + "which revocations \(known.seq) revoke; tell the vendor")
      return
    }
    held.revocations = document.jws
    words.append("revocations \(document.payload.seq)")
  }

  /// - Returns: nil where a gateway's document is left aside.
  private func open<Payload: VendorPayload>(
    _ text: String
  ) throws(VerifierError) -> Verified<Payload>? {
    do throws(Refusal) {
      guard let trust else {
        throw Refusal(
          .unknownKey, "there is no keyset to verify it with: the license file carries one")
      }
      return try trust.open(Array(text.utf8))
    } catch {
      try refuse(error, Payload.kind.label.lowercased())
      return nil
    }
  }

  private func refuse(_ refusal: Refusal, _ what: String) throws(VerifierError) {
    guard offer.origin == .gateway else {
      throw VerifierError(refusal, document: "\(what) in \(offer.source)")
    }
  }
}

extension License {
  /// Whether what never changes within a line is the same.
  fileprivate func isSameLine(as other: License) -> Bool {
    sub == other.sub && product.isSameBytes(as: other.product)
      && zone.isSameBytes(as: other.zone) && iss.isSameBytes(as: other.iss)
  }
}
