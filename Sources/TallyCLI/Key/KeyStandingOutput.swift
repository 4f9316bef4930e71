internal import Authority
internal import Licensing
internal import Sealing
internal import Terminal

/// Shows a key that no longer stands, and what dies with it.
struct KeyStandingOutput {
  let format: Format
  /// Whether nothing was stored.
  var isTrial = false

  func show(
    _ key: KeyRecord, _ signed: SignedDocuments, _ what: BilingualText, next: BilingualText?
  ) {
    switch format {
    case .json:
      guard case .object(let members) = key.json else { return }
      let trial = isTrial ? [JSONMember("dry_run", true)] : []
      Output.data(.object(trial + members + [JSONMember("in_use", signed.json)]))
    case .text:
      Output.data(
        "\(key.role.rawValue) key \(key.thumbprint) \(what.english)",
        "\(key.role.rawValue) 密钥 \(key.thumbprint) \(what.chinese)")
    }
    if !signed.isEmpty {
      Output.talk(
        "it has signed what is in use, and what will not be believed any more:",
        "它签署的以下文件仍在使用，以后不再被任何程序认可：")
      for line in signed.words { Output.talk("  \(line.spoken)") }
    }
    if let next { Output.talk("next: \(next.english)", "下一步：\(next.chinese)") }
    if isTrial {
      Output.talk("tally: dry run: nothing was stored", "tally: 试运行：没有保存任何内容")
    }
  }
}
