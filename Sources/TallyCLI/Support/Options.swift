internal import ArgumentParser
internal import Authority
internal import Libcrypto
internal import Licensing
internal import Platform
internal import Sealing
internal import StartupCheck
internal import Terminal

/// Where the registry is.
struct RegistryOptions: ParsableArguments {
  @Option(help: ArgumentHelp("The registry's folder; else TALLY_REGISTRY.", valueName: "folder"))
  var registry: String?

  /// Whether the command line or the environment names a folder.
  var isNamed: Bool {
    registry != nil || ProcessEnvironment.all()["TALLY_REGISTRY"]?.isEmpty == false
  }

  /// - Throws: ``CommandError`` when no folder is named.
  func folder() throws(CommandError) -> String {
    guard let folder = registry ?? ProcessEnvironment.all()["TALLY_REGISTRY"], !folder.isEmpty
    else {
      throw CommandError(.usage, "no registry: name its folder with --registry or TALLY_REGISTRY")
    }
    return folder
  }

  /// Opens the registry; says so when an earlier command did not end.
  func open(for access: Registry.Access) throws -> Authority {
    let authority = Authority(
      registry: try Registry(try folder(), for: access), clock: SystemClock(), who: Operator.name(),
      compiledRoots: try Self.compiledRoots())
    if let pending = try authority.registry.pendingIntent() {
      Output.talk(
        "tally: an earlier command began \(pending.description) and did not end it; the next "
          + "command that signs with its key finishes it, or \"tally intent finish\"",
        "tally: 先前的一条命令开始了\(pending.words.chinese)而没有完成；下一条用同一密钥签名的命令会完成它，"
          + "也可运行 \"tally intent finish\"")
    }
    return authority
  }

  /// The roots compiled into this program, nil in a build without any.
  static func compiledRoots() throws(StartupCheckError) -> RootKeys? {
    do throws(StartupCheckError) {
      return try TrustAnchor(file: nil).roots
    } catch {
      guard error.code == .trustRootMissing else { throw error }
      return nil
    }
  }
}

/// Where the passphrase of private keys comes from.
struct PassphraseOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "File with the keys' passphrase, readable by its owner alone; else TALLY_PASSPHRASE_FILE.",
      valueName: "file"))
  var passphraseFile: String?

  @Option(help: ArgumentHelp("Open file descriptor to read the passphrase from.", valueName: "n"))
  var passphraseFd: Int32?

  /// The passphrase where one is named, for a trial that could do without; nil where none is.
  func named() throws(CommandError) -> Secret? {
    let isNamed =
      passphraseFd != nil || passphraseFile != nil
      || ProcessEnvironment.all()["TALLY_PASSPHRASE_FILE"] != nil
    return isNamed ? try read() : nil
  }

  func read() throws(CommandError) -> Secret {
    try PassphraseSource(
      descriptor: passphraseFd, file: passphraseFile, environment: ProcessEnvironment.all()
    ).read()
  }
}

/// The reason for the audit log.
struct WhyOption: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The reason, for the audit log; without it the log says what was done and that no reason was "
        + "given.", valueName: "text"))
  var why: String = ""

  /// The reason with what was confirmed.
  func confirming(_ questions: [IssuingQuestion]) -> String {
    IssuingQuestion.reason(why, confirming: questions)
  }
}

/// How data is written to standard output.
struct FormatOption: ParsableArguments {
  @Option(help: "How to write data to standard output.")
  var format: Format = .text
}

/// What every command needs that seals a document.
struct SigningOptions: ParsableArguments {
  @OptionGroup var registry: RegistryOptions
  @OptionGroup var passphrase: PassphraseOptions
  @OptionGroup var why: WhyOption

  @Option(
    help: ArgumentHelp(
      "The key to sign with; else the newest that may.", valueName: "thumbprint"))
  var key: Thumbprint?

  /// Opens the registry to change it, and finishes what an earlier command began.
  func open() throws -> (authority: Authority, passphrase: Secret) {
    let secret = try passphrase.read()
    let authority = try registry.open(for: .change)
    // On one machine the same passphrase may open the roots: they sign where that is asked for alone.
    if let pending = try authority.registry.pendingIntent(), pending.kind == .keyset {
      throw AuthorityError.pending(pending)
    }
    try Self.finishPending(authority, secret)
    return (authority, secret)
  }
}

extension SigningOptions {
  /// Finishes what an earlier command began, and says how to come by its file.
  static func finishPending(_ authority: Authority, _ secret: Secret) throws {
    try finishPending(authority, KeyPassphrases(common: secret))
  }

  /// As above, with a passphrase for each key.
  static func finishPending(_ authority: Authority, _ passphrases: KeyPassphrases) throws {
    guard let intent = try authority.finishPending(passphrases) else { return }
    let command =
      switch intent.kind {
      case .keyset: "tally keyset export"
      case .license: "tally license export \(intent.subject)"
      case .release: "tally release export"
      case .revocations: "tally revocations export"
      }
    Output.talk(
      "tally: finished \(intent.description), which an earlier command had begun; "
        + "\"\(command)\" writes its file",
      "tally: 已完成先前一条命令开始的\(intent.words.chinese)；\"\(command)\" 可写出它的文件")
  }
}

/// The file that a command makes.
struct OutputOption: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The file to make; it must not exist. Else standard output.", valueName: "file"))
  var out: String?

  /// Refuses a file that exists before any work is done.
  func check() throws(CommandError) {
    guard let out, Files.exists(out) else { return }
    throw CommandError(.usage, "--out \(out) exists already: name another file or remove it")
  }

  /// Shows a document that is the whole answer: the file on standard output, unless one was made.
  /// As JSON one object: `out`, the file that was made, and `file`, its text where none was.
  /// - Parameter more: members before them.
  func show(_ text: String, _ format: Format, _ more: [JSONMember] = []) {
    switch (format, out) {
    case (.json, _):
      let file: JSONValue = out == nil ? .string(text) : .null
      Output.data(
        .object(
          more + [
            JSONMember("out", out.map { .string($0) } ?? .null), JSONMember("file", file),
          ]))
    case (.text, nil): Output.data(String(text.dropLast()))
    case (.text, .some): break
    }
  }

  /// Writes the file if one is named.
  /// - Parameter cure: what to do when it cannot be written, the work being done.
  func write(_ text: String, cure: String) throws(CommandError) {
    guard let out else { return }
    do throws(PlatformError) {
      guard !Files.exists(out) else {
        throw PlatformError(.permissionDenied, "\(out) has come to exist meanwhile")
      }
      // Whole or not there at all, whenever the machine stops.
      try Files.replace(out, with: Array(text.utf8))
    } catch {
      throw CommandError(.fault, "\(error.message); \(cure)")
    }
  }
}
