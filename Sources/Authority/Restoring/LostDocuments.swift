internal import Libcrypto
internal import Licensing
internal import Sealing

/// What a file has that a restored registry lacks: everything verified under the registry's own chain.
struct LostDocuments {
  /// In order of epoch; each leads on from the one before it.
  private(set) var keysets: [KeysetRecord] = []
  private(set) var revocations: Verified<Revocations>?
  /// In order of line and revision.
  private(set) var licenses: [Verified<License>] = []
  /// In the order in which they were signed.
  private(set) var releases: [Verified<Release>] = []
  /// In words, what of the file is worth nothing any more.
  private(set) var leftAside: [BilingualText] = []
  /// The trust that the newest keyset leads to.
  private(set) var trust: TrustSet

  /// - Parameters:
  ///   - blocks: of files; what no registry holds is left aside.
  ///   - known: the registry's own trust.
  /// - Throws: ``Refusal`` of the first document that does not verify.
  init(_ blocks: [ArmourBlock], after known: TrustSet) throws(Refusal) {
    let offered = blocks.filter { $0.kind == .keyset }.map(\.document)
    trust = try known.advanced(by: offered)
    try takeKeysets(offered, after: known)
    for block in blocks where block.kind != .keyset { try take(block) }
    licenses.sort {
      ($0.payload.line, $0.payload.revision) < ($1.payload.line, $1.payload.revision)
    }
    releases.sort { ($0.payload.iat, $0.jws) < ($1.payload.iat, $1.jws) }
  }

  private mutating func takeKeysets(
    _ offered: [String], after known: TrustSet
  ) throws(Refusal) {
    var step = known
    var ascending: [(epoch: Int64, text: String, payload: [UInt8])] = []
    for text in offered {
      let payload = try KeysetDocument(Array(text.utf8)).payload
      // What cannot be read was passed over when trust was established.
      guard let epoch = (try? Keyset.parse(payload))?.epoch else { continue }
      ascending.append((epoch, text, payload))
    }
    ascending.sort { $0.epoch < $1.epoch }
    for (epoch, text, payload) in ascending where epoch > step.keyset.epoch {
      // One that does not lead on is passed over as everywhere: a later one takes its place.
      guard let next = try? step.advanced(by: [text]) else { continue }
      step = next
      keysets.append(
        KeysetRecord(
          keyset: next.keyset, payload: String(decoding: payload, as: UTF8.self), document: text))
    }
  }

  private mutating func take(_ block: ArmourBlock) throws(Refusal) {
    let text = Array(block.document.utf8)
    do throws(Refusal) {
      switch block.kind {
      case .license:
        let license: Verified<License> = try trust.open(text)
        if !licenses.contains(where: { $0.payload.jti == license.payload.jti }) {
          licenses.append(license)
        }
      case .revocations:
        let document: Verified<Revocations> = try trust.open(text)
        if document.payload.seq > revocations?.payload.seq ?? 0 { revocations = document }
      case .release:
        let release: Verified<Release> = try trust.open(text)
        if !releases.contains(where: { $0.jws == release.jws }) { releases.append(release) }
      case .keyset, .enrolment, .activation, .usage, .alive, .receipt, .decision,
        .statement:
        leftAside.append(
          BilingualText("a \(block.kind.label.lowercased())", "一份 \(block.kind.label)"))
      }
    } catch {
      guard error.code == .keyRevoked else { throw error }
      leftAside.append(
        BilingualText(
          "a \(block.kind.label.lowercased()) whose key is revoked",
          "一份密钥已被吊销的 \(block.kind.label)"))
    }
  }
}
