internal import ArgumentParser
internal import Sealing
internal import StartupCheck
internal import Terminal

/// The roots that a machine without a registry trusts.
struct TrustRootOption: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The vendor's root.jwks, in a build without a root; else TALLY_TRUST_ROOT.",
      valueName: "file"))
  var trustRoot: String?

  /// - Throws: ``StartupCheckError``.
  func read() throws(StartupCheckError) -> RootKeys {
    let file = trustRoot ?? ProcessEnvironment.all()["TALLY_TRUST_ROOT"]
    let anchor = try TrustAnchor(file: file)
    if let announcement = anchor.announcement { Output.talk("tally: \(announcement.spoken)") }
    return anchor.roots
  }
}
