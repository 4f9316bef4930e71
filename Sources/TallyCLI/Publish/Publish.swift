internal import ArgumentParser
internal import Authority
internal import Licensing
internal import Platform
internal import Reporting
internal import Sealing
internal import Terminal

/// Publishes what was issued.
struct Publish: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "publish",
    abstract: "Send keyset, revocations and licenses to a gateway, or into a file.",
    discussion: """
      A gateway gets what it has not confirmed yet, with --all everything; publishing the same \
      again changes nothing. Exit status 1: it is refused, or the gateway knows more than this \
      registry, which has then fallen behind ("tally registry restore"). Its token has the scope "publish" ("tally-gateway token new"). A \
      file gets everything. What nobody would believe, since its key is revoked or gone, is left out.

      Example: tally publish --to https://usage.vendor.example --token-file T --registry \
      /srv/registry
      """)

  @Option(help: ArgumentHelp("A gateway's address, or a file to make.", valueName: "url|file"))
  var to: String

  @Option(
    help: ArgumentHelp(
      "File with the gateway's token, readable by its owner alone; else TALLY_TOKEN_FILE.",
      valueName: "file"))
  var tokenFile: String?

  @Option(help: ArgumentHelp("Open file descriptor to read the token from.", valueName: "n"))
  var tokenFd: Int32?

  @Flag(help: "Send everything, confirmed or not.")
  var all = false

  @OptionGroup var registry: RegistryOptions
  @OptionGroup var why: WhyOption
  @OptionGroup var format: FormatOption

  private var isAddress: Bool { to.hasPrefix("https:") || to.hasPrefix("http:") }

  func validate() throws {
    guard !isAddress || GatewayAddress(to) != nil else {
      throw ValidationError(GatewayAddress.rule("--to"))
    }
    guard isAddress || (tokenFile == nil && tokenFd == nil) else {
      throw ValidationError("--token-file and --token-fd are for a gateway, --to names a file")
    }
  }

  func run() async throws {
    guard let address = GatewayAddress(to) else { return try writeFile() }
    let client = GatewayClient(address: address, token: try token())
    let authority = try registry.open(for: .change)
    let plan = try authority.plan(for: address.text, all: all)
    let leftOut = try authority.unbelieved()
    let expected = try authority.newestNumbers()
    var answers: [String] = []
    for part in plan.parts(maximumBytes: Self.requestSize) {
      // An empty one changes nothing and asks what the gateway knows.
      let answer = try await client.put(
        Publication(
          licenses: part.licenses.map(\.jws), keysets: part.keysets,
          revocations: part.revocations?.jws))
      if !part.isEmpty { try authority.markPublished(part, at: address.text, why: why.why) }
      try GatewayStanding.require(expected, of: answer, address.text)
      answers.append(answer)
    }
    show(plan, answers: answers, leftOut)
    if plan.isEmpty { Output.talk("\(address.text) has everything already; --all sends it again") }
  }

  /// What belongs together goes in one request: a gateway takes 16 MiB. Installations must not have the
  /// keyset that revokes a key without the licenses that were reissued.
  private static let requestSize = 15 * 1024 * 1024

  private func writeFile() throws {
    guard !Files.exists(to) else {
      throw CommandError(.usage, "--to \(to) exists already: name another file or remove it")
    }
    let authority = try registry.open(for: .read)
    let plan = try authority.plan(for: nil)
    try Files.replace(to, with: Array(plan.file.utf8))
    show(plan, answers: [], try authority.unbelieved())
  }

  private func show(_ plan: PublicationPlan, answers: [String], _ leftOut: SignedDocuments) {
    warn(of: leftOut)
    switch format.format {
    case .json:
      Output.data([
        "to": .string(to), "published": plan.json,
        "answers": .array(answers.map { .string($0) }), "left_out": leftOut.json,
      ])
    case .text:
      let keyset = plan.keysets.isEmpty ? "no keyset" : "keyset \(plan.epoch)"
      let revocations = plan.revocations.map { "revocations \($0.revocations.seq), " } ?? ""
      Output.data("published to \(to): \(keyset), \(revocations)\(plan.licenses.count) licenses")
      for answer in answers where !answer.isEmpty {
        Output.talk("the gateway answers: \(answer.prefix(2000))")
      }
    }
  }

  /// Says what is in use and not sent, since nobody would believe it.
  private func warn(of leftOut: SignedDocuments) {
    guard !leftOut.isEmpty else { return }
    Output.talk(
      "tally: not sent, since its key is revoked or gone and nobody would believe it; sign it again:"
    )
    Output.list(leftOut.inWords)
    guard let seq = leftOut.revocations else { return }
    Output.talk(
      "tally: whoever has this keyset takes every license that revocations \(seq) name for good again, "
        + "until \"tally revocations issue\" is published")
  }

  private func token() throws -> String {
    let file = tokenFile ?? ProcessEnvironment.all()["TALLY_TOKEN_FILE"]
    let bytes: [UInt8]
    if let tokenFd {
      bytes = try Files.read(
        descriptor: tokenFd, "file descriptor \(tokenFd)", maximum: 4096)
    } else if let file {
      bytes = try Files.read(file, maximum: 4096, secret: true)
    } else {
      throw CommandError(.usage, "no token for the gateway: give --token-file or --token-fd")
    }
    let text = bytes.last == 0x0A ? bytes.dropLast() : bytes[...]
    guard !text.isEmpty, text.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
      throw CommandError(.usage, "the token must be one line of printable characters")
    }
    return String(decoding: text, as: UTF8.self)
  }
}
