internal import ArgumentParser
internal import Terminal

/// Where the passphrase of the gateway's key is.
struct PassphraseOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The file with the key's passphrase; else TALLY_PASSPHRASE_FILE, else the systemd credential "
        + "\"passphrase\".", valueName: "file"))
  var passphraseFile: String?

  @Option(
    help: ArgumentHelp("An open file descriptor with the passphrase.", valueName: "number"))
  var passphraseFd: Int32?

  var source: PassphraseSource {
    PassphraseSource(
      descriptor: passphraseFd, file: passphraseFile, environment: ProcessEnvironment.all())
  }
}

/// Where the vendor's root is, in a build without one.
struct TrustOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The vendor's root.jwks, in a build without a root; else TALLY_TRUST_ROOT.",
      valueName: "file"))
  var trustRoot: String?

  var file: String? { trustRoot ?? ProcessEnvironment.all()["TALLY_TRUST_ROOT"] }
}
