internal import ArgumentParser
internal import Authority
internal import Billing
internal import Licensing
internal import Metering
internal import Platform
internal import Sealing
internal import Terminal

/// Checks a proof, or recounts a date from all its leaves.
struct EvidenceCheck: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Check a proof of one collector, or recount a date from all its leaves.",
    discussion: """
      The file is what tally-verifier usage prove or tally-verifier usage export --evidence made. The \
      day record is verified under the installation's own key, which is in the file: compare the \
      installation shown with the one that you know, or name it with --installation. Of all leaves the \
      Merkle root is computed (RFC 9162), the collectors are counted, and the largest count of every \
      minute, the peak and its first second are summed up from the weights; the first thing that \
      differs is named. The leaves have no names, and none can be learned from them. A file with a \
      collector left out has another root; that a collector never was counted cannot be shown.

      Anyone can make a file of which all of this holds: only the installation tells whose it is. Where \
      neither --installation nor --statement is given, the text and the member remarks say so.

      With --license, or with --registry, the first and last second of the date are held against the \
      zone of the license that the record names.

      With --statement the vendor's statement is verified too, under the root of this program, and its \
      line of that installation and date is held against the record.

      Exit status: 0 it holds; 1 it does not, and the first difference is named; 2 it cannot be told.

      Example: tally evidence check 2026-11-21.evidence \
      --installation jkT1vPZ0mGk2n5r8QwXyZ3s6u9B4d7F0hJ1lM2oN3pQ

      Example: tally evidence check web-07.proof --statement november.statement --trust-root root.jwks
      """)

  @Argument(help: ArgumentHelp("A proof, or all leaves of a date.", valueName: "file"))
  var file: String

  @Option(help: ArgumentHelp("The installation that it must be of.", valueName: "installation"))
  var installation: Thumbprint?

  @Option(help: ArgumentHelp("A sealed statement to compare with.", valueName: "file"))
  var statement: String?

  @Option(
    help: ArgumentHelp(
      "A file with the license that the record names, for its zone; else the registry's.",
      valueName: "file"))
  var license: String?

  @Option(
    help: ArgumentHelp(
      "With --statement: a file with the vendor's keysets, if the statement's has none.",
      valueName: "file"))
  var keyset: String?

  @Option(
    help: ArgumentHelp(
      "With --statement or --license: the vendor's root.jwks; else TALLY_TRUST_ROOT, else the "
        + "registry's.",
      valueName: "file"))
  var trustRoot: String?

  @OptionGroup var registry: RegistryOptions
  @OptionGroup var format: FormatOption

  func validate() throws {
    guard statement != nil || keyset == nil else {
      throw ValidationError("--keyset goes with --statement")
    }
    guard statement != nil || license != nil || trustRoot == nil else {
      throw ValidationError("--trust-root goes with --statement or --license")
    }
  }

  func run() throws {
    let statement = try openStatement()
    let text = EvidenceText(.spoken)
    let report: EvidenceReport
    do {
      report = try EvidenceReader(file).check(
        installation: installation, statement: statement, license: licenseNamed)
    } catch let refusal as Refusal {
      if format.format == .json {
        Output.data([
          "holds": false,
          "finding": [
            "code": .string(refusal.code.rawValue), "message": .string(refusal.message),
            "facts": [:],
          ],
        ])
      }
      throw CommandError(.refused, "\(file): \(refusal)", refusal: refusal)
    }
    switch format.format {
    case .json: Output.data(report.json)
    case .text: Output.data(text.text(report))
    }
    guard let finding = report.finding else { return }
    throw CommandError(
      .refused, "\(file): \(finding.code.rawValue): \(finding.message)", chinese: finding.chinese)
  }

  /// The license that a record names: of the file that is given, else of the registry where one is.
  /// - Throws: what cannot be told: a license that is not there.
  private func licenseNamed(_ name: String) throws -> License? {
    if let license { return try licenseOfFile(license, name) }
    guard registry.isNamed else { return nil }
    guard let id = LicenseID(name) else {
      throw CommandError(.fault, "the record names no license: \(Printable.line(name))")
    }
    return try registry.open(for: .read).registry.license(id).license
  }

  private func licenseOfFile(_ file: String, _ name: String) throws -> License {
    let (roots, kept) = try registry.anchor(trustRoot)
    let bytes = try Files.read(file)
    let verified: VerifiedFile
    do throws(Refusal) {
      verified = try VerifiedFile(bytes, roots: roots, kept: kept)
    } catch {
      throw CommandError(.refused, "\(file) does not verify: \(error)", refusal: error)
    }
    guard
      let license = verified.documents.compactMap(\.license).first(where: { $0.jti.text == name })
    else {
      throw CommandError(
        .fault, "\(file) does not hold license \(Printable.line(name)), which the record names")
    }
    return license
  }

  private func openStatement() throws -> Statement? {
    guard let statement else { return nil }
    do {
      return try StatementOpener(
        keyset: keyset, trustRoot: trustRoot, registry: registry
      ).open(statement)
    } catch let refusal as Refusal {
      throw CommandError(.refused, "\(statement): \(refusal)", refusal: refusal)
    }
  }
}
