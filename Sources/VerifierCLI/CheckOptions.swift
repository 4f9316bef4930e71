internal import ArgumentParser
internal import Licensing
internal import Terminal

/// What `check` and `simulate` are told to look at, and how to answer.
struct CheckOptions: ParsableArguments {
  @Option(
    name: .customLong("license"),
    help: ArgumentHelp("A license file; may be given several times.", valueName: "file"))
  var licenses: [String] = []

  @Option(
    help: ArgumentHelp(
      "The file that the running verifier keeps; else TALLY_STANDING.", valueName: "file"))
  var standing: String?

  @Option(help: ArgumentHelp("The release file of the install package.", valueName: "file"))
  var release: String?

  @Option(
    help: ArgumentHelp(
      "What runs, as the program itself says: VERSION or VERSION@COMMIT.", valueName: "version"))
  var running: String?

  @Option(help: ArgumentHelp("The product that runs.", valueName: "name"))
  var product: String?

  @Option(
    help: ArgumentHelp(
      "The vendor's root.jwks, in a build without a root; else TALLY_TRUST_ROOT.",
      valueName: "file"))
  var trustRoot: String?

  @Option(help: "How to write the verdict.")
  var format: VerdictFormat = .text

  @Option(help: ArgumentHelp(.init(Language.optionHelp), valueName: "language"))
  var lang: String?

  var request: CheckRequest {
    CheckRequest(
      licenses: licenses, standing: standing, release: release, running: running,
      product: product, trustRoot: trustRoot, format: format, lang: lang)
  }
}

extension VerdictFormat: ExpressibleByArgument {}
