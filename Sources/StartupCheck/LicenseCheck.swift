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
///
/// A value without state: every ``answer(in:)`` reads the files and the clock anew, in the time of a
/// few signature verifications, and may be asked from any thread. Docs/Embedding.md is the guide.
public struct LicenseCheck: Sendable {
  /// What an answer comes to: run, run and say so, or do not run.
  public enum Outcome: String, Sendable, CaseIterable {
    case allow
    case warn
    case deny
  }

  /// How much a finding weighs; the weightiest decides the outcome.
  public enum Severity: String, Sendable, CaseIterable {
    case deny
    case warn
    case note
  }

  /// The language of messages. Codes and JSON have none.
  public enum Language: String, Sendable, CaseIterable {
    case english = "en"
    /// Simplified Chinese.
    case chinese = "zh"
  }

  /// One thing that was found.
  public struct Finding: Sendable, Equatable {
    /// Stable text, a heading of Docs/Errors.md.
    public let code: String
    /// How much it weighs.
    public let severity: Severity
    /// What happened, since when, and what to do, for people.
    public let message: String
  }

  /// What the check found.
  public struct Answer: Sendable, Equatable {
    /// Whether the platform may run.
    public let outcome: Outcome
    /// The code of the weightiest finding; stable text.
    public let code: String
    /// Everything that was found, the weightiest first; never empty.
    public let findings: [Finding]
    /// The whole verdict as JSON, as `tally-verifier check --format json` prints it; always English.
    public let json: String
    /// What belongs into the program's log beside the answer, in English: that the root keys came from
    /// a file, that there is no standing yet. Empty where there is nothing to say.
    public let remarks: [String]

    /// The messages of the findings, in their order.
    public var messages: [String] { findings.map(\.message) }
  }

  private let inputs: CheckInputs
  private let trustRoot: String?

  /// Names the files to look at; nothing is read before ``answer(in:)``.
  /// - Parameters:
  ///   - licenseFiles: license files given by hand; none where the standing carries them. Each must
  ///     be there.
  ///   - standingFile: the file that the running verifier replaces. It may be missing, before the
  ///     verifier has run; its folder may not.
  ///   - releaseFile: the release file of the install package; it must be there.
  ///   - running: what runs, `VERSION` or `VERSION@COMMIT`, from the program's own binary, never from
  ///     a file beside it.
  ///   - product: the product that runs; nil takes the release document's word.
  ///   - trustRoot: the vendor's `root.jwks`, in a build without a root of its own; refused in any
  ///     other.
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
  /// - Parameter language: of the messages.
  /// - Throws: ``StartupCheckError`` when it cannot be told; never for a "no".
  public func answer(in language: Language = .english) throws(StartupCheckError) -> Answer {
    let running = try inputs.runningRelease()
    let anchor = try TrustAnchor(file: trustRoot)
    let dossier = try inputs.dossier(anchor: anchor)
    switch dossier.judge(running: running, product: inputs.product, clock: SystemClock()) {
    case .verdict(let verdict):
      let remarks = [anchor.announcement?.english, inputs.remark(on: dossier, in: .english)]
      return Answer(verdict, in: language, remarks: remarks.compactMap { $0 })
    case .cannotTell(let reason): throw StartupCheckError(reason)
    }
  }
}

extension LicenseCheck.Answer {
  init(_ verdict: Verdict, in language: LicenseCheck.Language, remarks: [String]) {
    switch verdict.outcome {
    case .allow: outcome = .allow
    case .warn: outcome = .warn
    case .deny: outcome = .deny
    }
    code = verdict.code.rawValue
    findings = verdict.findings.map { LicenseCheck.Finding($0, in: language) }
    json = verdict.json.text
    self.remarks = remarks
  }
}

extension LicenseCheck.Finding {
  init(_ finding: Finding, in language: LicenseCheck.Language) {
    code = finding.code.rawValue
    switch finding.severity {
    case .deny: severity = .deny
    case .warn: severity = .warn
    case .note: severity = .note
    }
    switch language {
    case .english: message = finding.message(in: .english)
    case .chinese: message = finding.message(in: .chinese)
    }
  }
}

extension StartupCheckError {
  /// Why there is no verdict.
  package init(_ reason: CannotTell) {
    switch reason {
    case .clock: self.init(.clockUnreadable, reason.description, cannotTell: reason)
    case .zone: self.init(.zoneUnknown, reason.description, cannotTell: reason)
    }
  }
}
