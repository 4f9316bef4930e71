internal import Authority
internal import Billing
internal import Libcrypto
internal import Platform
internal import Sealing
internal import StartupCheck
internal import Terminal

/// Opens a sealed statement, verified under the vendor's keys.
struct StatementOpener {
  let keyset: String?
  let trustRoot: String?
  let registry: RegistryOptions

  /// - Throws: ``Refusal`` for a statement that does not verify, and whatever cannot be read.
  func open(_ file: String) throws -> Statement {
    var blocks = try Armour.read(try Files.read(file, maximum: Statement.kind.maximumFile))
    if let keyset { blocks += try Armour.read(try Files.read(keyset)) }
    let (roots, kept) = try registry.anchor(trustRoot)
    let given = blocks.filter { $0.kind == .keyset }.map(\.document)
    let trust = try TrustSet.establish(
      roots: roots, keysets: kept + given, using: LibcryptoProvider())
    guard let block = blocks.first(where: { $0.kind == .statement }) else {
      throw Refusal(.wrongKind, "the file holds no statement")
    }
    let statement = try trust.open(Array(block.document.utf8), as: Statement.self).payload
    try statement.requireDecided(under: trust)
    return statement
  }
}
