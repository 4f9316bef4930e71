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
      file gets everything; with --why the audit log keeps that, too. What nobody would believe, since \
      its key is revoked or gone, is left out; where that is a license in use, the command asks first, \
      and --yes with the code confirms. With --dry-run no gateway is asked, no file is made, and \
      nothing is stored.

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

  @Flag(help: "Show what would be published, and send and store nothing.")
  var dryRun = false

  @OptionGroup var confirmation: YesOption
  @OptionGroup var registry: RegistryOptions
  @OptionGroup var why: WhyOption
  @OptionGroup var format: FormatOption

  private var isAddress: Bool { to.hasPrefix("https:") || to.hasPrefix("http:") }

  func validate() throws {
    if isAddress, let fault = GatewayAddress.fault(to) {
      throw ValidationError(GatewayAddress.rule("--to", fault))
    }
    guard isAddress || (tokenFile == nil && tokenFd == nil) else {
      throw ValidationError("--token-file and --token-fd are for a gateway, --to names a file")
    }
  }

  func run() async throws {
    if dryRun { return try showPlan() }
    guard let address = GatewayAddress(to) else { return try writeFile() }
    let client = GatewayClient(address: address, token: try token())
    let authority = try registry.open(for: .change)
    let plan = try authority.plan(for: address.text, all: all)
    let leftOut = try authority.unbelieved()
    let why = try ask(plan, leftOut, of: authority)
    let expected = try authority.newestNumbers()
    var answers: [String] = []
    for part in plan.parts(maximumBytes: Self.requestSize) {
      // An empty one changes nothing and asks what the gateway knows.
      let answer = try await client.put(
        Publication(
          licenses: part.licenses.map(\.jws), keysets: part.keysets,
          revocations: part.revocations?.jws))
      if !part.isEmpty { try authority.markPublished(part, at: address.text, why: why) }
      try GatewayStanding.require(expected, of: answer, address.text)
      answers.append(answer)
    }
    show(plan, answers: answers, leftOut)
    guard plan.isEmpty else { return }
    Output.talk(
      "\(address.text) has everything already; --all sends it again",
      "\(address.text) 已有全部内容；加 --all 可再次发送")
  }

  private func showPlan() throws {
    let authority = try registry.open(for: .read)
    let address = GatewayAddress(to)
    if address == nil { try requireNoFile() }
    let plan = try authority.plan(for: address?.text, all: all)
    let leftOut = try authority.unbelieved()
    let questions = authority.questions(sending: plan, without: leftOut)
    let stop = try confirmation.ask(questions, format.format, isTrial: true)
    show(plan, answers: [], leftOut, questions)
    Output.talk(
      "tally: dry run: nothing was sent and nothing was stored", "tally: 试运行：没有发送也没有保存任何内容")
    if let stop { throw stop }
  }

  /// Asks what is to be confirmed before anything leaves this machine.
  /// - Returns: the reason for the log, with what was confirmed.
  private func ask(
    _ plan: PublicationPlan, _ leftOut: SignedDocuments, of authority: Authority
  ) throws(AuthorityError) -> String {
    let questions = authority.questions(sending: plan, without: leftOut)
    try confirmation.ask(questions, format.format, done: "published")
    return authority.reason(why.why, for: plan, to: to, confirming: questions)
  }

  /// What belongs together goes in one request: a gateway takes 16 MiB. Installations must not have the
  /// keyset that revokes a key without the licenses that were reissued.
  private static let requestSize = 15 * 1024 * 1024

  private func writeFile() throws {
    try requireNoFile()
    let isLogged = !why.why.isEmpty || confirmation.yes != nil
    let authority = try registry.open(for: isLogged ? .change : .read)
    let plan = try authority.plan(for: nil)
    let leftOut = try authority.unbelieved()
    let reason = try ask(plan, leftOut, of: authority)
    try Files.replace(to, with: Array(plan.file.utf8))
    if isLogged { try authority.logPublication(plan, into: to, why: reason) }
    show(plan, answers: [], leftOut)
  }

  private func requireNoFile() throws(CommandError) {
    guard Files.exists(to) else { return }
    throw CommandError(.usage, "--to \(to) exists already: name another file or remove it")
  }

  private func show(
    _ plan: PublicationPlan, answers: [String], _ leftOut: SignedDocuments,
    _ questions: [IssuingQuestion] = []
  ) {
    warn(of: leftOut)
    switch format.format {
    case .json:
      Output.data(
        .object(
          (dryRun
            ? [
              JSONMember("dry_run", true),
              JSONMember("questions", .array(questions.map(\.json))),
            ] : []) + [
              JSONMember("to", .string(to)), JSONMember("published", plan.json),
              JSONMember("answers", .array(answers.map { .string($0) })),
              JSONMember("left_out", leftOut.json),
            ]))
    case .text:
      Output.data(words(plan).spoken)
      for answer in answers where !answer.isEmpty {
        Output.talk(
          "the gateway answers: \(answer.prefix(2000))", "网关答复：\(answer.prefix(2000))")
      }
    }
  }

  private func words(_ plan: PublicationPlan) -> BilingualText {
    let count = plan.licenses.count
    let seq = plan.revocations?.revocations.seq
    let english = [
      plan.keysets.isEmpty ? "no keyset" : "keyset \(plan.epoch)",
      seq.map { "revocations \($0)" }, "\(count) licenses",
    ]
    let chinese = [
      plan.keysets.isEmpty ? "不含密钥集" : "密钥集 \(plan.epoch)",
      seq.map { "吊销清单 \($0)" }, "许可证 \(count) 份",
    ]
    return BilingualText(
      "\(dryRun ? "would be published" : "published") to \(to): "
        + english.compactMap(\.self).joined(separator: ", "),
      "\(dryRun ? "将会发布到" : "已发布到") \(to)：" + chinese.compactMap(\.self).joined(separator: "，"))
  }

  /// Says what is in use and not sent, since nobody would believe it.
  private func warn(of leftOut: SignedDocuments) {
    guard !leftOut.isEmpty else { return }
    Output.talk(
      "tally: not sent, since its key is revoked or gone and nobody would believe it; sign it again:",
      "tally: 以下内容的密钥已被吊销或不存在，没有程序会认可，因此没有发送；请重新签发：")
    Output.list(leftOut.words)
    guard let seq = leftOut.revocations else { return }
    Output.talk(
      "tally: whoever has this keyset takes every license that revocations \(seq) name for good again, "
        + "until \"tally revocations issue\" is published",
      "tally: 有了这个密钥集的程序会重新认可吊销清单 \(seq) 所列的许可证，直到 "
        + "\"tally revocations issue\" 的结果发布为止")
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
