package import Licensing
internal import Platform
internal import Sealing

/// The check at start-up for programs that embed it: no network, no daemon, nothing written.
///
/// ```swift
/// let check = LicenseCheck(
///   licenseFiles: ["/etc/platform/license"], releaseFile: "/opt/platform/release", running: "1.98.190")
/// let answer = try check.answer()
/// if answer.outcome == .deny { refuseToStart(answer.messages) }
/// ```
public struct LicenseCheck: Sendable {
  /// What an answer comes to: run, run and say so, or do not run.
  public enum Outcome: String, Sendable {
    case allow
    case warn
    case deny
  }

  /// What the check found.
  public struct Answer: Sendable {
    /// Whether the platform may run.
    public let outcome: Outcome
    /// The code of the weightiest finding; stable text.
    public let code: String
    /// What was found, the weightiest first: what happened, since when, and what to do.
    public let messages: [String]
    /// The whole verdict as JSON.
    public let json: String
  }

  private let inputs: CheckInputs
  private let trustRoot: String?

  /// Names the files to look at.
  /// - Parameters:
  ///   - licenseFiles: license files given by hand; none where the standing carries them.
  ///   - standingFile: the file that the running verifier replaces; it may be missing.
  ///   - releaseFile: the release file of the install package.
  ///   - running: what runs, `VERSION` or `VERSION@COMMIT`, from the program's own binary.
  ///   - product: the product that runs; nil takes the release document's word.
  ///   - trustRoot: the vendor's `root.jwks`, in a build without a root of its own.
  public init(
    licenseFiles: [String], standingFile: String? = nil, releaseFile: String?, running: String?,
    product: String? = nil, trustRoot: String? = nil
  ) {
    inputs = CheckInputs(
      licenseFiles: licenseFiles, standingFile: standingFile, releaseFile: releaseFile,
      running: running, product: product)
    self.trustRoot = trustRoot
  }

  /// Reads the files and judges them by the machine's clock.
  /// - Throws: ``StartupCheckError`` when it cannot be told; never for a "no".
  public func answer() throws(StartupCheckError) -> Answer {
    let running = try inputs.runningRelease()
    let dossier = try inputs.dossier(anchor: try TrustAnchor(file: trustRoot))
    switch dossier.judge(running: running, product: inputs.product, clock: SystemClock()) {
    case .verdict(let verdict): return Answer(verdict)
    case .cannotTell(let reason): throw StartupCheckError(reason)
    }
  }
}

extension LicenseCheck.Answer {
  init(_ verdict: Verdict) {
    switch verdict.outcome {
    case .allow: outcome = .allow
    case .warn: outcome = .warn
    case .deny: outcome = .deny
    }
    code = verdict.code.rawValue
    messages = verdict.findings.map(\.message)
    json = verdict.json.text
  }
}

extension StartupCheckError {
  /// Why there is no verdict.
  package init(_ reason: CannotTell) {
    switch reason {
    case .clock: self.init(.clockUnreadable, reason.description)
    case .zone: self.init(.zoneUnknown, reason.description)
    }
  }
}
