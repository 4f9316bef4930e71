package import Licensing
package import Sealing

/// Everything at hand that speaks for or against the platform, opened and sorted: what a verdict is
/// made from once it is known what runs and what time it is.
///
/// The check at start-up fills it from files; the running verifier keeps one and judges it each minute.
/// Opening verifies every seal; judging verifies none.
package struct Dossier: Sendable {
  /// The trust in the vendor's keys, nil where no keyset could be accepted.
  package let trust: TrustSet?
  /// Licenses given by hand.
  package let licenses: [Verified<License>]
  /// The release document of the install package.
  package let release: Verified<Release>?
  /// Other releases in the same file.
  package let knownReleases: [Verified<Release>]
  /// The newest revocations, given or kept.
  package let revocations: Verified<Revocations>?
  /// What could not be opened.
  package let refused: [RefusedDocument]
  /// What the installation has been through; the running verifier moves its floor, findings and own
  /// key along.
  package var standing: Standing?

  /// Opens documents.
  /// - Parameters:
  ///   - roots: the root keys that the program trusts.
  ///   - given: files handed over; all of their blocks must verify.
  ///   - standing: what the verifier kept.
  ///   - source: where that came from, for people.
  ///   - cryptography: verification and digests.
  package init(
    roots: RootKeys, given: [GivenFile] = [], standing: StandingFile.Content = .absent,
    source: String = "standing", using cryptography: some Cryptography
  ) {
    var opener = DossierOpener(roots: roots, source: source, cryptography: cryptography)
    var kept: StandingDocument?
    switch standing {
    case .absent: break
    case .document(let document): kept = document
    case .refused(let refusal):
      opener.refused.append(RefusedDocument(refusal, kind: nil, source: source))
    }
    opener.establishTrust(kept: kept?.keysets ?? [], given: given)
    for file in given { opener.open(file) }
    self.standing = kept.map { opener.open($0) }
    trust = opener.trust
    licenses = opener.licenses
    release = opener.releases.last
    knownReleases = opener.releases.dropLast()
    revocations = opener.newestRevocations()
    refused = opener.refused
  }

  /// Every license at hand, given or kept.
  package var allLicenses: [Verified<License>] {
    licenses + (standing?.held ?? [])
  }
}
