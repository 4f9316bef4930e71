internal import Licensing
internal import Metering
internal import Sealing

/// Opens documents and collects what cannot be opened.
///
/// Rules:
/// 1. Trust comes from the keysets kept, then from those given, file by file in any order that works.
/// 2. Kept keysets that these roots do not verify (a new build with new roots) are reported only where
///    no other keyset takes their place.
/// 3. In a file without any trusted keyset, the keyset's refusal speaks for the documents beside it.
/// 4. A keyset block that has not the form of a keyset is refused even where another takes its place.
/// 5. Of the revocations, kept and given, the highest count. Given ones that leave out a license which
///    the kept ones revoke are passed over.
struct DossierOpener {
  private(set) var trust: TrustSet?
  private(set) var licenses: [Verified<License>] = []
  private(set) var releases: [Verified<Release>] = []
  /// All given revocations that verified, with where they came from.
  private var givenRevocations: [(document: Verified<Revocations>, source: String)] = []
  private var keptRevocations: Verified<Revocations>?
  var refused: [RefusedDocument] = []
  private let roots: RootKeys
  private let source: String
  private let cryptography: any Cryptography
  /// Files whose keysets were refused.
  private var distrusted: Set<String> = []

  init(roots: RootKeys, source: String, cryptography: some Cryptography) {
    self.roots = roots
    self.source = source
    self.cryptography = cryptography
  }

  /// Takes keysets, kept ones first.
  mutating func establishTrust(kept: [String], given: [GivenFile]) {
    var keptRefusal: Refusal?
    if !kept.isEmpty { keptRefusal = take(kept) }
    var waiting = given.filter { !$0.keysets.isEmpty }
    var refusals: [(GivenFile, Refusal)] = []
    repeat {
      refusals = waiting.compactMap { file in take(file.keysets).map { (file, $0) } }
      if refusals.count == waiting.count { break }
      waiting = refusals.map(\.0)
    } while !waiting.isEmpty
    for (file, refusal) in refusals {
      distrusted.insert(file.source)
      refused.append(RefusedDocument(refusal, kind: .keyset, source: file.source))
    }
    if trust == nil, let keptRefusal {
      refused.append(
        RefusedDocument(keptRefusal, kind: .keyset, source: source, isHeld: true))
    }
  }

  /// - Returns: why the keysets were refused, nil when they were not.
  private mutating func take(_ keysets: [String]) -> Refusal? {
    do throws(Refusal) {
      if let trust {
        self.trust = try trust.advanced(by: keysets)
      } else {
        trust = try TrustSet.establish(roots: roots, keysets: keysets, using: cryptography)
      }
      return nil
    } catch { return error }
  }

  /// Opens every block of a file.
  mutating func open(_ file: GivenFile) {
    if let refusal = file.refusal {
      refused.append(RefusedDocument(refusal, kind: nil, source: file.source))
      return
    }
    for (index, block) in file.blocks.enumerated() {
      if distrusted.contains(file.source), block.kind == .keyset || trust == nil { continue }
      do throws(Refusal) {
        try open(block, of: file.role, in: file)
      } catch {
        refused.append(RefusedDocument(error, kind: block.kind, source: file.name(of: index)))
      }
    }
    let principal = file.role.principal
    guard file.blocks.contains(where: { $0.kind == principal }) else {
      let refusal = Refusal(
        .wrongKind, "the file holds no \(principal.label) block: name the \(principal.label) file")
      refused.append(RefusedDocument(refusal, kind: principal, source: file.source))
      return
    }
  }

  private mutating func open(
    _ block: ArmourBlock, of role: GivenFile.Role, in file: GivenFile
  ) throws(Refusal) {
    let bytes = Array(block.document.utf8)
    switch (role, block.kind) {
    case (.license, .license): licenses.append(try open(bytes))
    case (.release, .release): releases.append(try open(bytes))
    case (_, .revocations): givenRevocations.append((try open(bytes), file.source))
    case (_, .keyset): try requireForm(ofKeyset: bytes)
    case (.license, .release), (.release, .license), (_, .enrolment), (_, .activation), (_, .usage),
      (_, .alive), (_, .receipt), (_, .decision), (_, .statement):
      throw Refusal(
        .wrongKind,
        "a \(block.kind.label) block has no place in a \(role.principal.label.lowercased()) file")
    }
  }

  /// A keyset that is not above the known one, or that a later one in the file makes up for, is passed
  /// over; one that is no keyset at all is not.
  private func requireForm(ofKeyset bytes: [UInt8]) throws(Refusal) {
    let document = try KeysetDocument(bytes)
    do throws(Refusal) { _ = try Keyset.parse(document.payload) } catch {
      guard error.code == .unsupportedVersion else { throw error }
    }
  }

  private func open<Payload: VendorPayload>(
    _ bytes: [UInt8]
  ) throws(Refusal) -> Verified<Payload> {
    guard let trust else {
      _ = try UnverifiedDocument(bytes, as: Payload.kind)
      throw Refusal(
        .unknownKey,
        "there is no keyset to verify it with: take the whole file, it carries the keyset")
    }
    return try trust.open(bytes)
  }

  /// The revocations that count, once everything is open.
  mutating func newestRevocations() -> Verified<Revocations>? {
    var newest = keptRevocations
    for (document, source) in givenRevocations
    where document.payload.seq > newest?.payload.seq ?? 0 {
      if let known = keptRevocations?.payload, let license = document.payload.omission(from: known)
      {
        refused.append(
          RefusedDocument(
            Self.omits(license, document.payload, known), kind: .revocations, source: source,
            // It is passed over, and is no reason against the licenses beside it.
            isHeld: true))
      } else {
        newest = document
      }
    }
    return newest
  }

  private static func omits(
    _ license: LicenseID, _ offered: Revocations, _ known: Revocations
  ) -> Refusal {
    Refusal(
      .keysetTooOld,
      "revocations \(offered.seq) leave out license \(license), which revocations \(known.seq) "
        + "revoke: they were made from an old copy of the vendor's registry; tell the vendor")
  }
}

extension DossierOpener {
  /// Opens what the verifier kept.
  mutating func open(_ document: StandingDocument) -> Standing {
    var standing = Standing(floor: document.floor, findings: document.findings)
    for text in document.licenses {
      if let license: Verified<License> = openKept(text) {
        standing.held.append(license)
      } else if let license = Self.unverified(text) {
        standing.distrusted.append(license)
      }
    }
    standing.activation = document.activation.flatMap { openKept($0) }
    for text in document.receipts {
      if let receipt: Verified<Receipt> = openKept(text) { standing.receipts.append(receipt) }
    }
    if let text = document.revocations, let opened: Verified<Revocations> = openKept(text) {
      keptRevocations = opened
    }
    if let key = document.installation, let text = document.record {
      standing.newestRecord = openRecord(text, by: key)
    }
    return standing
  }

  private mutating func openKept<Payload: VendorPayload>(_ text: String) -> Verified<Payload>? {
    do throws(Refusal) {
      return try open(Array(text.utf8))
    } catch {
      keepRefusal(error, of: Payload.kind)
      return nil
    }
  }

  /// A license by its own word, nil where it has not the form of one.
  private static func unverified(_ text: String) -> License? {
    (try? UnverifiedDocument(Array(text.utf8), as: .license)).flatMap {
      try? License.parse($0.payload)
    }
  }

  private mutating func keepRefusal(_ refusal: Refusal, of kind: DocumentKind) {
    refused.append(
      RefusedDocument(
        refusal, kind: kind, source: "\(source) (\(kind.label))", isHeld: true))
  }

  /// The newest record proves itself with the installation's own key.
  private mutating func openRecord(
    _ text: String, by key: PublicKey
  ) -> Standing.NewestRecord? {
    let seal = InstallationSeal(key: key, cryptography: cryptography)
    do throws(Refusal) {
      let record: UsageRecord = try seal.open(Array(text.utf8)).payload
      guard record.installation == seal.thumbprint else {
        throw .malformed("the usage record names another installation than the one that sealed it")
      }
      guard let license = LicenseID(record.license) else {
        throw .malformed("the usage record names no license")
      }
      return Standing.NewestRecord(
        installation: record.installation, license: license, revision: record.revision,
        seq: record.seq)
    } catch {
      keepRefusal(error, of: .usage)
      return nil
    }
  }
}
