internal import ArgumentParser
internal import Licensing
internal import Platform
internal import Sealing
internal import Terminal
internal import Verifier

/// Binds the license to this installation at the vendor's gateway.
struct Activate: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Activate this installation at the vendor's gateway.",
    discussion: """
      An activation holds for the license's line, so that a renewal needs no new one. Asking again \
      changes nothing. While serve runs it is asked to do it; serve also does it by itself.

      --replace takes the place of an installation whose key or ledger is lost or damaged beyond a \
      backup: a new key, a new ledger from record 1, the old one's seat. Stop serve first. The gateway \
      is asked first; only when its answer is kept the old files are moved into a folder replaced-TIME \
      of the state folder. Nothing is deleted. Broken off at any instant, it is done again by the same \
      command. One replacement in 30 days is automatic, the vendor's staff decide others. What the old \
      installation had not reported is not reported any more, and the date of the change bills the \
      larger count of the two.

      Example: tally-verifier activate --state /var/lib/tally-verifier

      Example: tally-verifier activate --state /var/lib/tally-verifier --replace \
      jkT1vPZ0mGk2n5r8QwXyZ3s6u9B4d7F0hJ1lM2oN3pQ --license acme.license
      """)

  @OptionGroup var options: StateOptions

  @Option(help: "How to write what came of it.")
  var format: OutputFormat = .text

  @Option(
    help: ArgumentHelp(
      "Take the place of this installation; usage verify, serve and the vendor name it.",
      valueName: "installation"))
  var replace: String?

  @Option(
    help: ArgumentHelp(
      "With --replace: the license file, where the state folder has no standing file any more.",
      valueName: "file"))
  var license: String?

  func run() async throws {
    guard let replace else {
      guard license == nil else {
        throw CommandError(
          .usage, "--license goes with --replace; else run tally-verifier license install FILE")
      }
      return try await activate()
    }
    guard let old = Thumbprint(ShieldedName.bare(replace)) else {
      throw CommandError(
        .usage,
        "--replace must be an installation: 43 letters, digits, - or _, as status and serve show it"
      )
    }
    let offer = try license.map { path in
      try ShelfOffer(file: try Files.read(path), source: path)
    }
    let report = try await VerifierApplication.replace(
      try options.surroundings(try options.read()), of: old, license: offer,
      logger: StateOptions.quietLogger)
    guard format == .text else { return Output.data(report.json) }
    for line in Self.words(report) { Output.talk(line.spoken) }
  }

  private func activate() async throws {
    let surroundings = try options.surroundings(try options.read())
    let json = try await VerifierApplication.withDesk(
      surroundings, mayBegin: false, logger: StateOptions.quietLogger,
      direct: { desk throws(VerifierError) in try await desk.activate().json },
      served: { client throws(VerifierError) in try await client.activate() })
    if format == .json { Output.data(json) }
    try OutcomeStatus.require(json)
    guard format == .text else { return }
    let detail = json["detail"]?.string ?? "activated"
    Output.talk(detail, detail == "activated" ? "已激活" : Language.chinese.explained("已激活", detail))
  }

  private static func words(_ report: Replacement.Report) -> [BilingualText] {
    let (new, old) = (report.installation, report.old)
    var lines = [
      report.isKnown
        ? BilingualText(
          "installation \(new) has taken the place of \(old) already", "安装 \(new) 此前已接替 \(old)")
        : BilingualText(
          "installation \(new) takes the place of \(old)", "安装 \(new) 接替 \(old)"),
      BilingualText(
        "the gateway has the old chain up to record \(report.seq)",
        "网关有旧的记录链，到第 \(report.seq) 条记录为止"),
    ]
    if let aside = report.aside {
      lines.append(
        BilingualText(
          "the old files are in \(aside): nothing was deleted, keep them",
          "旧文件在 \(aside)：没有删除任何内容，请妥善保存"))
      lines.append(
        BilingualText(
          "the new ledger begins at record 1: start tally-verifier serve",
          "新账本从第 1 条记录开始：请启动 tally-verifier serve"))
    }
    return lines
  }
}
