internal import ArgumentParser
internal import Authority
internal import Libcrypto
internal import Sealing
internal import Terminal

/// A root key and the file with its passphrase.
struct RootPassphrase: ExpressibleByArgument, Sendable {
  let key: Thumbprint
  let file: String

  init?(argument: String) {
    let parts = ShieldedName.bare(argument).split(
      separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2, let key = Thumbprint(String(parts[0])), !parts[1].isEmpty else {
      return nil
    }
    self.key = key
    file = String(parts[1])
  }
}

/// Passphrases of single roots: their keepers need not know each other's.
struct RootPassphraseOptions: ParsableArguments {
  @Option(
    name: .customLong("root"),
    help: ArgumentHelp(
      "A root key and the file with its own passphrase; repeatable. Roots not named sign only if "
        + "--passphrase-file or --passphrase-fd is given too.",
      valueName: "thumbprint=file"))
  var roots: [RootPassphrase] = []

  /// - Throws: ``CommandError`` for a passphrase that cannot be read, or none at all.
  func read(with common: PassphraseOptions) throws(CommandError) -> KeyPassphrases {
    guard !roots.isEmpty else { return KeyPassphrases(common: try common.read()) }
    var own: [Thumbprint: Secret] = [:]
    for root in roots {
      guard own[root.key] == nil else {
        throw CommandError(.usage, "--root names \(root.key) twice: name each root once")
      }
      own[root.key] = try PassphraseSource(
        descriptor: nil, file: root.file, environment: [:]
      ).read()
    }
    let isNamed = common.passphraseFile != nil || common.passphraseFd != nil
    return KeyPassphrases(common: isNamed ? try common.read() : nil, own: own)
  }
}
