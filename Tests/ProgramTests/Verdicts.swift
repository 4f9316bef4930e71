import Foundation

/// What `tally-verifier check --format json` prints.
struct VerdictReport: Decodable {
  struct Finding: Decodable {
    let code: String
    let severity: String
    let message: String
  }

  let verdict: String
  let code: String
  let findings: [Finding]
}

extension VendorOffice {
  /// Checks a license file at start-up.
  func check(
    _ license: String, running: String = version, release: String? = nil, format: String = "json",
    more: [String] = [], on stage: Stage
  ) async throws -> Outcome {
    try await stage.run(
      "tally-verifier",
      ["check", "--license", license, "--release", release ?? self.release, "--running", running]
        + trust + ["--format", format] + more)
  }
}
