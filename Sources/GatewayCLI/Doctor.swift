internal import ArgumentParser
internal import Gateway
internal import Licensing
internal import Platform
internal import Sealing
internal import StartupCheck
internal import Terminal

/// Holds the ledger against the sealed bytes in it.
struct Doctor: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract: "Read the whole ledger and say what in it is not as it was written.",
    discussion: """
      Every record, receipt, closing, decision, activation, license and final statement is held against \
      its seal, its chain and what is kept beside it; serve may run meanwhile. The seals are held against \
      the vendor's root; a program that has none, and is given none, takes the one that the ledger itself \
      names, and says so.

      Exit status: 0 the ledger is whole, 1 it is not, 2 it cannot be read.

      Example: tally-gateway doctor --state /var/lib/tally-gateway
      """)

  @Option(help: "How to write it.")
  var format: Format = .text

  @OptionGroup var state: StateOptions
  @OptionGroup var trust: TrustOptions

  func run() async throws {
    let anchor = try anchor()
    let store = try await openStore()
    let audited: Result<(LedgerAudit.Outcome, Thumbprint), any Error>
    do {
      let trust = try await GatewayState.trust(of: store, anchor)
      audited = .success((try await LedgerAudit.run(store, trust), trust.view.set.root))
    } catch { audited = .failure(error) }
    await store.close()
    let (outcome, root) = try audited.get()
    let own = BilingualText(
      "the root \(root) is the one that the ledger itself names: compare it with the vendor's, or give "
        + "--trust-root", "根密钥 \(root) 取自账本本身：请与供应商的根密钥核对，或用 --trust-root 指定")
    if let word = anchor.map(\.announcement) ?? own { Output.talk("tally-gateway: \(word.spoken)") }
    switch format {
    case .json: Output.data(outcome.json(root: root, isLedgersOwn: anchor == nil))
    case .text: Output.data(Self.text(outcome))
    }
    if outcome.faultCount > 0 { throw ExitCode(ExitStatus.refused.rawValue) }
  }

  /// Where there is no ledger, that is no 1, which says that one is not whole.
  private func openStore() async throws -> any LedgerStore {
    do { return try await state.openStore() } catch let error as GatewayError {
      guard error.code == .notFound else { throw error }
      throw CommandError(.fault, error.message, chinese: error.code.chinese)
    }
  }

  /// The vendor's root, nil where this program has none and none was given.
  private func anchor() throws -> TrustAnchor? {
    do throws(StartupCheckError) { return try TrustAnchor(file: trust.file) } catch {
      guard error.code == .trustRootMissing else { throw GatewayError(error) }
      return nil
    }
  }

  private static func text(_ outcome: LedgerAudit.Outcome) -> String {
    let language = Language.spoken
    var lines = [
      language.say(
        "\(outcome.entries) entries and \(outcome.receipts) receipts of \(outcome.installations) "
          + "installations, \(outcome.finalStatements) final statements",
        "\(outcome.installations) 个安装的 \(outcome.entries) 条记录和 \(outcome.receipts) 份回执，"
          + "\(outcome.finalStatements) 份终稿账单")
    ]
    if outcome.underRevokedKeys > 0 {
      lines.append(
        language.say(
          "\(outcome.underRevokedKeys) documents are sealed by a key that was revoked since",
          "\(outcome.underRevokedKeys) 份文件由后来被撤销的密钥签名"))
    }
    for fault in outcome.faults {
      let place = [
        fault.position.map { language.say("position \($0)", "位置 \($0)") },
        fault.installation?.text,
      ].compactMap(\.self).joined(separator: ", ")
      lines.append(place.isEmpty ? fault.what : "\(place): \(fault.what)")
    }
    if outcome.faultCount > outcome.faults.count {
      lines.append(
        language.say(
          "\(outcome.faultCount) faults in all", "共 \(outcome.faultCount) 处问题"))
    }
    lines.append(
      outcome.faultCount == 0
        ? language.say("the ledger is whole", "账本完好")
        : language.say(
          "the ledger is not whole: stop serve, keep this folder to be looked at, and restore a backup; "
            + "verifiers send again what it lacks",
          "账本不完好：请停止 serve，保留此目录以便检查，并恢复备份；验证器会补发其中缺少的内容"))
    return lines.map(Printable.line).joined(separator: "\n")
  }
}
