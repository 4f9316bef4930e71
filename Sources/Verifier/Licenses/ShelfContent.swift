package import CivilTime
internal import Libcrypto
package import Licensing
package import Sealing
package import StartupCheck

/// The documents of an installation, opened: sealed texts as they are kept, and the dossier that they
/// are for a verdict.
package struct ShelfContent: Sendable {
  /// What opening rests on besides the kept texts.
  package struct Base: Sendable {
    package let roots: RootKeys
    /// The installation's own key.
    package let key: PublicKey
    /// The release file of the install package, where the daemon was given it.
    package let release: GivenFile?

    package init(roots: RootKeys, key: PublicKey, release: GivenFile? = nil) {
      self.roots = roots
      self.key = key
      self.release = release
    }
  }

  package let base: Base
  package let held: HeldDocuments
  package private(set) var receipts: [String]
  package private(set) var record: String?
  /// Opened once; judged as often as needed.
  package private(set) var dossier: Dossier

  package init(base: Base, held: HeldDocuments, receipts: [String], record: String?) {
    self.base = base
    self.receipts = receipts
    self.record = record
    let document = Self.standing(base, held, receipts: receipts, record: record)
    var dossier = Dossier(
      roots: base.roots, given: base.release.map { [$0] } ?? [], standing: .document(document),
      source: "the state folder", using: LibcryptoProvider())
    dossier.standing?.ownInstallation = base.key.thumbprint(using: LibcryptoProvider())
    self.dossier = dossier
    // Keysets that came with the release file are kept like any other.
    var held = held
    if let trust = dossier.trust { held.keysets = trust.chain }
    self.held = held
  }

  private static func standing(
    _ base: Base, _ held: HeldDocuments, receipts: [String], record: String?
  ) -> StandingDocument {
    StandingDocument(
      written: 0, licenses: held.licenses.sorted { $0.key < $1.key }.map(\.value),
      keysets: held.keysets, revocations: held.revocations, activation: held.activation,
      receipts: receipts, installation: base.key, record: record)
  }

  /// What `check` is to read.
  package func standing(
    written: Int64, floor: Int64?, findings: [StandingFinding]
  ) -> StandingDocument {
    var document = Self.standing(base, held, receipts: receipts, record: record)
    document.written = max(0, written)
    document.floor = floor
    document.findings = findings
    return document
  }

  /// A receipt came, or a record was written: what else is kept stays as it is.
  package mutating func move(receipts: [String]? = nil, record: String? = nil) {
    self = ShelfContent(
      base: base, held: held, receipts: receipts ?? self.receipts, record: record ?? self.record)
  }

  package var trust: TrustSet? { dossier.trust }
  package var licenses: [Verified<License>] { dossier.standing?.held ?? [] }
  /// Those held whose key fell out of trust, by their own word.
  package var distrusted: [License] { dossier.standing?.distrusted ?? [] }
  package var activation: Verified<Activation>? { dossier.standing?.activation }
  package var revocations: Verified<Revocations>? { dossier.revocations }

  /// The newest instant that the vendor has signed, of everything that verifies.
  package var newestSignature: Int64? {
    var instants = licenses.map(\.payload.iat)
    if let activation { instants.append(activation.payload.iat) }
    if let release = dossier.release { instants.append(release.payload.iat) }
    instants += (dossier.standing?.receipts ?? []).map(\.payload.iat)
    return instants.max()
  }

  /// The line's license in force on a date; before any has begun, the one that begins first. Which line
  /// it is, ``Surroundings/line(of:at:)`` says.
  package func license(on date: CivilDate, of line: LineID) -> Verified<License>? {
    if let license = LicenseLine.inForce(licenses, of: line, on: date) { return license }
    return LicenseLine.descending(licenses, of: line).min { left, right in
      (left.payload.term?.from ?? .first) < (right.payload.term?.from ?? .first)
    }
  }
}
