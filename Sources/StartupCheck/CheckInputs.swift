internal import Libcrypto
package import Licensing
internal import Platform

/// What the check at start-up is told to look at.
package struct CheckInputs: Sendable {
  /// License files given by hand.
  package var licenseFiles: [String]
  /// The file that the running verifier replaces; it may be missing.
  package var standingFile: String?
  /// The release file of the install package.
  package var releaseFile: String?
  /// What runs: `VERSION` or `VERSION@COMMIT`.
  package var running: String?
  /// The product that runs, nil where the platform does not say.
  package var product: String?

  package init(
    licenseFiles: [String] = [], standingFile: String? = nil, releaseFile: String? = nil,
    running: String? = nil, product: String? = nil
  ) {
    self.licenseFiles = licenseFiles
    self.standingFile = standingFile
    self.releaseFile = releaseFile
    self.running = running
    self.product = product
  }

  /// What runs, checked.
  /// - Throws: ``StartupCheckError`` `RUNNING_MALFORMED`.
  package func runningRelease() throws(StartupCheckError) -> RunningRelease? {
    guard let running else { return nil }
    guard let release = RunningRelease(running) else {
      throw StartupCheckError(
        .runningMalformed,
        "the running version must be VERSION or VERSION@COMMIT, each 1 to 64 digits, letters or "
          + ". _ + ~ -")
    }
    return release
  }

  /// Reads and opens everything.
  /// - Throws: ``StartupCheckError`` `INPUT_UNREADABLE`. A license or release file that is missing
  ///   cannot be read; a standing file that is missing says only that the verifier has not run yet.
  package func dossier(anchor: TrustAnchor) throws(StartupCheckError) -> Dossier {
    var given: [GivenFile] = []
    for path in licenseFiles { given.append(try GivenFile(path: path, as: .license)) }
    if let releaseFile { given.append(try GivenFile(path: releaseFile, as: .release)) }
    var standing = StandingFile.Content.absent
    if let standingFile { standing = try StandingFile(standingFile).read() }
    return Dossier(
      roots: anchor.roots, given: given, standing: standing, source: standingFile ?? "standing",
      using: LibcryptoProvider())
  }

  /// What whoever reads the answer must know of the inputs, nil where there is nothing to say.
  package func remark(on dossier: Dossier, in language: Language) -> String? {
    guard let standingFile, dossier.standing == nil, !Files.exists(standingFile) else { return nil }
    return switch language {
    case .english:
      "there is no standing at \(standingFile) yet: judged from the files alone; the running "
        + "verifier writes it"
    case .chinese:
      "\(standingFile) 处尚无 standing 文件：仅凭所给文件判断；校验程序运行后会写入该文件"
    }
  }
}
