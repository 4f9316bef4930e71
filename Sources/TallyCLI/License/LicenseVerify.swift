internal import ArgumentParser
internal import Authority
internal import Licensing
internal import Platform
internal import Sealing
internal import StartupCheck
internal import Terminal

/// Verifies a file.
struct LicenseVerify: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify", abstract: "Verify every block of a file as the programs do.",
    discussion: """
      Trust begins with the root compiled into this program; in a build without one, with the root \
      named by --trust-root, else with that of the registry. Exit status 0: everything holds; \
      1: something does not. Whether a license may be used today is another question: \
      "tally-verifier check" answers it.

      Example: tally license verify acme.license --trust-root root.jwks
      """)

  @Argument(help: "A license file or a release file.")
  var file: String

  @Option(
    help: ArgumentHelp("The vendor's root.jwks; else TALLY_TRUST_ROOT.", valueName: "file"))
  var trustRoot: String?

  @OptionGroup var registry: RegistryOptions
  @OptionGroup var format: FormatOption

  func run() throws {
    let bytes = try Files.read(file)
    let (roots, kept) = try registry.anchor(trustRoot)
    do throws(Refusal) {
      show(try VerifiedFile(bytes, roots: roots, kept: kept))
    } catch {
      if format.format == .json {
        Output.data([
          "verified": false, "code": .string(error.code.rawValue),
          "message": .string(error.message),
        ])
      }
      throw CommandError(.refused, "\(file) does not verify: \(error)", refusal: error)
    }
  }

  private func show(_ file: VerifiedFile) {
    switch format.format {
    case .json: Output.data(file.json)
    case .text:
      for document in file.documents {
        let content =
          document.license.map(IssuedOutput.text) ?? Printable.text(document.payload.indentedText)
        Output.data(
          "\(document.kind.label), verified, sealed by key \(document.kid)\n\(content)\n",
          "\(document.kind.label)，验证通过，由密钥 \(document.kid) 签署\n\(content)\n")
      }
      let keyset = file.keyset
      let end = BilingualText(
        "verified under keyset \(keyset.epoch) of \(keyset.iss)",
        "按 \(keyset.iss) 的密钥集 \(keyset.epoch) 验证通过")
      Output.data(Printable.line(end.spoken))
    }
  }
}
