internal import ArgumentParser
internal import Authority
internal import CivilTime
internal import Licensing
internal import Platform
internal import Sealing
internal import Terminal

/// Lists keys.
struct KeyList: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List the keys and whether the newest keyset names them.",
    discussion: "Example: tally key list --registry /srv/registry --format json")

  @OptionGroup var registry: RegistryOptions
  @OptionGroup var format: FormatOption

  func run() throws {
    let authority = try registry.open(for: .read)
    let keys = try authority.registry.keys()
    let keyset = try authority.registry.keysets().last?.keyset
    switch format.format {
    case .json:
      Output.data(.array(keys.map { json($0, keyset, authority) }))
    case .text:
      var table = TextTable(
        ["THUMBPRINT", "USE", "ALG", "FROM", "THROUGH", "KEYSET", "STATE", "FILE"],
        ["指纹", "用途", "算法", "起", "止", "密钥集", "状态", "文件"])
      for key in keys {
        let isRoot = key.role == .root
        table.add([
          key.thumbprint.text, key.role.rawValue, key.key.algorithm.rawValue,
          isRoot ? "-" : UTC.text(key.from), isRoot ? "-" : UTC.text(key.through),
          Self.inKeyset(isNamed(key, keyset)).spoken, state(key).spoken,
          isAtHand(key, authority) ? key.pem : BilingualText("absent", "不在本机").spoken,
        ])
      }
      Output.data(table.text)
    }
  }

  private static func inKeyset(_ isNamed: Bool) -> BilingualText {
    isNamed ? BilingualText("yes", "在内") : BilingualText("no", "不在")
  }

  private func state(_ key: KeyRecord) -> BilingualText {
    if key.revoked != nil { return BilingualText("revoked", "已吊销") }
    return key.retiredAt == nil ? BilingualText("stands", "有效") : BilingualText("retired", "已停用")
  }

  private func json(_ key: KeyRecord, _ keyset: Keyset?, _ authority: Authority) -> JSONValue {
    guard case .object(let members) = key.json else { return key.json }
    return .object(
      members + [
        JSONMember("in_keyset", .bool(isNamed(key, keyset))),
        JSONMember("at_hand", .bool(isAtHand(key, authority))),
      ])
  }

  private func isNamed(_ key: KeyRecord, _ keyset: Keyset?) -> Bool {
    guard let keyset else { return false }
    return key.role == .root
      ? keyset.roots.keys.contains(key.key) : keyset.keys.contains { $0.key == key.key }
  }

  private func isAtHand(_ key: KeyRecord, _ authority: Authority) -> Bool {
    Files.exists("\(authority.registry.folder)/\(key.pem)")
  }
}
