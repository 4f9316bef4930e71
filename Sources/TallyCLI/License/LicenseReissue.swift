internal import ArgumentParser
internal import Authority
internal import Libcrypto
internal import Licensing
internal import Platform
internal import Sealing
internal import Terminal

/// Signs licenses anew under another key.
struct LicenseReissue: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "reissue", abstract: "Issue licenses again, unchanged, under another key.",
    discussion: """
      For a key that is to be revoked: every license that it signed and that somebody uses or will \
      use gets a copy as the next revision of its line. What is over, superseded or revoked gets \
      none. All copies are rehearsed before the first is signed. After a crash run the same command \
      again: it does what is left.

      Prints "LICENSE LINE REVISION PREVIOUS" for each copy. "tally publish" brings the copies to \
      installations that report; the others need the files, from --out-folder or "tally license \
      export". Only then revoke the old key.

      Example: tally license reissue --all --signed-by OLD --key NEW --why "key stolen" \
      --registry R --passphrase-file P
      """)

  @Argument(
    help: ArgumentHelp("Licenses or lines; else --all.", valueName: "lic_...|lin_..."))
  var licenses: [LicenseName] = []

  @Flag(help: "All lines.")
  var all = false

  @Option(help: ArgumentHelp("Only what this key has signed.", valueName: "thumbprint"))
  var signedBy: Thumbprint?

  @Option(
    help: ArgumentHelp(
      "A folder for the files of the copies, LICENSE.license.", valueName: "folder"))
  var outFolder: String?

  @Flag(help: "Rehearse every copy, show what would be issued, and store nothing.")
  var dryRun = false

  @OptionGroup var confirmation: YesOption
  @OptionGroup var signing: SigningOptions
  @OptionGroup var format: FormatOption

  func validate() throws {
    guard all == licenses.isEmpty else {
      throw ValidationError("name licenses or lines, or give --all for all of them")
    }
    guard signing.key != nil else {
      throw ValidationError("--key is missing: name the key that signs the copies")
    }
    guard !signing.why.why.isEmpty else {
      throw ValidationError("--why is missing: say for the audit log what this is for")
    }
  }

  func run() throws {
    guard let key = signing.key else { return }
    let (authority, secret, tried) = try TrialOptions.open(signing, dryRun: dryRun)
    let plan = try authority.plan(ReissueOrder(names: licenses, signedBy: signedBy, key: key))
    for remark in plan.remarks { Output.talk("tally: \(remark.spoken)") }
    let questions = plan.drafts.isEmpty ? [] : try authority.clockQuestions()
    let stop = try confirmation.ask(questions, format.format, isTrial: dryRun)
    guard let secret else {
      show(plan)
      // Where nothing is left to sign, no key is opened.
      let fault = plan.drafts.isEmpty ? nil : try authority.fault(of: key, trying: tried)
      if let error = stop ?? fault { throw error }
      return
    }
    if let outFolder { try Files.makeFolder(outFolder, mode: 0o755) }
    let done = try issue(plan, authority, secret, why: signing.why.confirming(questions))
    if format.format == .json { Output.data(.array(done)) }
    guard !done.isEmpty else {
      return Output.talk("tally: nothing was left to reissue", "tally: 没有需要重签的许可证")
    }
    Output.talk(
      "tally: \(done.count) reissued; now bring them to the customers: \"tally publish\" for "
        + "installations that report, their files for the others",
      "tally: 已重签 \(done.count) 份；请送达客户：会上报的安装用 \"tally publish\"，其余的用文件")
  }

  /// Issues the copies; each is shown as soon as it is stored.
  private func issue(
    _ plan: ReissuePlan, _ authority: Authority, _ secret: Secret, why: String
  ) throws -> [JSONValue] {
    var done: [JSONValue] = []
    var unwritten: (any Error)?
    try authority.reissue(plan, passphrase: secret, why: why) { draft, license in
      let copy = license.payload
      if let outFolder, unwritten == nil {
        // A full disk must not keep the rest from being reissued.
        do {
          let file = try authority.file(of: license)
          try Files.replace("\(outFolder)/\(copy.jti).license", with: Array(file.utf8))
        } catch { unwritten = error }
      }
      done.append(Self.json(draft, copy.jti.json, license.kid))
      guard format.format == .text else { return }
      Output.data(
        "\(copy.jti) \(copy.line) \(copy.revision) \(draft.previous?.jti.text ?? "-")")
    }
    if let unwritten {
      let cause = ErrorReport.report(unwritten)?.message ?? "the disk failed"
      throw CommandError(
        .fault,
        "all \(done.count) are reissued, but not all files could be written (\(cause)): \"tally "
          + "license export\" writes them")
    }
    return done
  }

  private func show(_ plan: ReissuePlan) {
    switch format.format {
    case .json:
      Output.data([
        "dry_run": true, "remarks": .array(plan.remarks.map { .string($0.english) }),
        "licenses": .array(plan.drafts.map { Self.json($0, .null, signing.key) }),
      ])
    case .text:
      for draft in plan.drafts {
        let (old, new) = (draft.previous?.jti.text ?? "-", draft.license)
        Output.data(
          "would reissue \(old) of \(new.line) as revision \(new.revision)",
          "将会重签 \(old)，作为系列 \(new.line) 的修订号 \(new.revision)")
      }
    }
    Output.talk(
      "tally: dry run: \(plan.drafts.count) would be reissued; nothing was signed and nothing was "
        + "stored", "tally: 试运行：将会重签 \(plan.drafts.count) 份；没有签名也没有保存任何内容")
  }

  private static func json(
    _ draft: LicenseDraft, _ jti: JSONValue, _ kid: Thumbprint?
  ) -> JSONValue {
    [
      "jti": jti, "line": draft.license.line.json, "revision": .integer(draft.license.revision),
      "previous": draft.previous?.jti.json ?? .null, "kid": kid?.json ?? .null,
    ]
  }
}
