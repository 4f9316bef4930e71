internal import ArgumentParser
internal import CivilTime
internal import Licensing
internal import Platform
internal import Sealing
internal import Terminal
internal import Verifier

/// Writes what is carried to the vendor by hand: a bundle, or the evidence of a date.
struct UsageExport: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Write a bundle of what has no receipt yet, or all leaves of a date without names.",
    discussion: """
      A bundle takes the place of the network: an enrolment if this installation is not activated, the \
      usage records without a receipt, a sign of life. Carry it to the vendor, who gives it to \
      tally-gateway import, and give the answer that comes back to tally-verifier usage import. The \
      same bundle may be written, carried and answered any number of times. It holds 10,000 records \
      and 6 MiB at most; where records remain, --from writes the next bundle at once.

      With --evidence the file has the sealed record of that closed date and a leaf for each collector \
      that counted, without its name: the vendor recounts the date from it with tally evidence check.

      Example: tally-verifier usage export --state /var/lib/tally-verifier --out 2026-11.bundle

      Example: tally-verifier usage export --state /var/lib/tally-verifier --evidence 2026-11-21 \
      --out 2026-11-21.evidence
      """)

  @OptionGroup var options: StateOptions

  @Option(help: ArgumentHelp("The file to make; it must not exist.", valueName: "file"))
  var out: String

  @Option(help: ArgumentHelp("All leaves of this date, in place of a bundle.", valueName: "date"))
  var evidence: DateArgument?

  @Option(
    help: ArgumentHelp(
      "The bundle's first record; else the first without a receipt.", valueName: "record"))
  var from: Int64?

  @Option(help: ArgumentHelp("The most records of the bundle.", valueName: "number"))
  var limit: Int64 = BundleRequest.mostRecords

  @Flag(help: "Enrol again, where the vendor does not know this installation any more.")
  var enrol = false

  @Option(
    help: ArgumentHelp(
      "Ask for the place of this installation, whose key or ledger is lost.",
      valueName: "installation"))
  var replaces: String?

  @Option(help: "How to write what the bundle holds.")
  var format: OutputFormat = .text

  func validate() throws {
    let hasMore = from != nil || limit != BundleRequest.mostRecords || enrol || replaces != nil
    if evidence != nil && hasMore {
      throw ValidationError(
        "--evidence makes no bundle: --from, --limit, --enrol and --replaces "
          + "have no place beside it")
    }
    guard from ?? 1 >= 1, (0...BundleRequest.mostRecords).contains(limit) else {
      throw ValidationError(
        "--from must be a record's number, --limit from 0 to \(BundleRequest.mostRecords)")
    }
  }

  func run() async throws {
    if let evidence {
      try await export(evidence.date)
    } else {
      try await exportBundle()
    }
  }

  private func export(_ date: CivilDate) async throws {
    let surroundings = try options.surroundings(try options.read())
    let writer = try EvidenceWriter(out)
    try await VerifierApplication.withDesk(
      surroundings, mayBegin: false, logger: StateOptions.quietLogger,
      direct: { desk throws(VerifierError) in
        try await desk.evidence(of: date).send(to: writer)
      },
      served: { client throws(VerifierError) in
        try await client.evidence(of: date, to: writer)
      })
    let leaves = try await writer.end()
    switch format {
    case .json:
      Output.data([
        "out": .string(out), "date": .string(date.description), "leaves": .integer(leaves),
      ])
    case .text:
      Output.talk(
        "\(out) has \(leaves) leaves of \(date), without names",
        "\(out) 有 \(date) 的 \(leaves) 个叶子，不含名称")
    }
  }

  private func exportBundle() async throws {
    guard !Files.exists(out) else {
      throw CommandError(.fault, "\(out) exists already: name another or remove it")
    }
    let old = try replaces.map(Self.installation)
    let request = BundleRequest(
      from: from, limit: limit, enrols: enrol, replaces: old)
    let surroundings = try options.surroundings(try options.read())
    let json = try await VerifierApplication.withDesk(
      surroundings, mayBegin: false, logger: StateOptions.quietLogger,
      direct: { desk throws(VerifierError) in try await desk.export(request).json },
      served: { client throws(VerifierError) in try await client.export(request) })
    try Files.create(out, with: Array((json["file"]?.string ?? "").utf8))
    guard case .object(let members) = json else { return }
    let named = members.filter { $0.name != "file" } + [JSONMember("out", .string(out))]
    format.write(.object(named), text: Self.text)
  }

  private static func installation(_ text: String) throws(CommandError) -> Thumbprint {
    guard let name = Thumbprint(ShieldedName.bare(text)) else {
      throw CommandError(
        .usage, "--replaces must be an installation: 43 letters, digits, - or _")
    }
    return name
  }

  private static func text(_ json: JSONValue) -> String {
    let language = Language.spoken
    let count = json["records"]?.integer ?? 0
    var parts: [String] = []
    if json["enrolment"] == .bool(true) { parts.append(language.say("an enrolment", "登记")) }
    if count > 0 {
      let (from, through) = (json["from"]?.integer ?? 0, json["through"]?.integer ?? 0)
      parts.append(
        language.say("records \(from) to \(through)", "第 \(from) 至 \(through) 条记录"))
    }
    if json["alive"] == .bool(true) { parts.append(language.say("a sign of life", "运行信号")) }
    if parts.isEmpty { parts.append(language.say("nothing", "没有内容")) }
    let list = parts.joined(separator: language.say(", ", "、"))
    var lines = [language.say("the bundle holds \(list)", "数据包含有：\(list)")]
    if let remaining = json["remaining"]?.integer, remaining > 0 {
      let next = (json["through"]?.integer ?? 0) + 1
      lines.append(
        language.say(
          "\(remaining) records remain: write another bundle with --from \(next)",
          "还剩 \(remaining) 条记录：请用 --from \(next) 再写一个数据包"))
    }
    return lines.joined(separator: "\n")
  }
}

/// Writes a file of evidence as its lines come.
actor EvidenceWriter: LineSink {
  private let sink: FileSink
  private var leaves = 0

  init(_ path: String) throws(PlatformError) { sink = try FileSink(path) }

  func begin(_ head: JSONValue) throws { try write([head]) }

  func take(_ elements: [JSONValue]) throws {
    try write(elements)
    leaves += elements.count
  }

  private func write(_ lines: [JSONValue]) throws(PlatformError) {
    var bytes: [UInt8] = []
    for line in lines { bytes += line.serialized + [0x0A] }
    try sink.write(bytes)
  }

  /// The file is whole.
  /// - Returns: how many leaves it has.
  func end() throws(PlatformError) -> Int {
    try sink.finish()
    return leaves
  }
}
