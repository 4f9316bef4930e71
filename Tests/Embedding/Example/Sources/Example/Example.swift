import Glibc
import StartupCheck

/// A platform that asks for its license when it starts. Its version is part of the binary.
@main
struct Example {
  static let version = "1.98.190"

  static func main() {
    let folder = CommandLine.arguments.dropFirst().first ?? "/etc/platform"
    let check = LicenseCheck(
      licenseFiles: ["\(folder)/platform.license"],
      standingFile: "\(folder)/standing",
      releaseFile: "\(folder)/platform.release",
      running: version,
      product: "observability-platform",
      // Only in a build without the vendor's root in it.
      trustRoot: "\(folder)/root.jwks")
    do {
      let answer = try check.answer()
      for remark in answer.remarks { print("remark: \(remark)") }
      for finding in answer.findings { print("\(finding.code): \(finding.message)") }
      switch answer.outcome {
      case .allow: print("starting")
      case .warn: print("starting, with a warning for the operator")
      case .deny: exit(1)
      }
    } catch {
      // Not a "no": the question could not be answered. Say why; do not treat it as a refusal.
      print("cannot tell: \(error.code.rawValue): \(error.message)")
      exit(2)
    }
  }
}
