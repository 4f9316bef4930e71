package import Billing
internal import CivilTime
internal import Libcrypto
internal import Licensing
internal import Platform
internal import Sealing
internal import StartupCheck

extension ControlDesk {
  /// What `statement fetch` brings.
  /// - Throws: ``VerifierError`` as ``Reporter/statement(of:)`` does.
  package func statement(of month: Month) async throws(VerifierError) -> FetchedStatement {
    try await reporter.statement(of: month)
  }

  /// What `statement check` answers with an installation's folder: the statement of a file, verified, and
  /// the installation's own lines of it computed anew from its ledger.
  /// - Throws: ``VerifierError`` `DOCUMENT_REFUSED` where it, or a decision that it quotes, is not the vendor's
  ///   or not of this installation's line, and where it cannot be told.
  package func check(
    statement file: [UInt8], source: String
  ) async throws(VerifierError) -> CheckedStatement {
    let content = await installation.shelf.content
    let statement: Statement
    do throws(Refusal) {
      statement = try Self.open(file, content, installation.surroundings.roots)
    } catch { throw VerifierError(error, document: source) }
    let own = try await ownUsage(of: statement, content)
    do throws(BillingError) {
      var recount = try statement.recounted(by: own)
      recount.difference = recount.difference ?? statement.decidedDifference
      return CheckedStatement(statement: statement, recount: recount)
    } catch { throw VerifierError(.noLicense, error.message) }
  }

  /// Keysets of the file count beside those that are known, if the roots sign them.
  private static func open(
    _ file: [UInt8], _ content: ShelfContent, _ roots: RootKeys
  ) throws(Refusal) -> Statement {
    let blocks = try Armour.read(file)
    let keysets = blocks.filter { $0.kind == .keyset }.map(\.document)
    let trust: TrustSet
    if let known = content.trust {
      trust = try known.advanced(by: keysets)
    } else {
      trust = try TrustSet.establish(roots: roots, keysets: keysets, using: LibcryptoProvider())
    }
    guard let block = blocks.first(where: { $0.kind == .statement }) else {
      throw Refusal(.wrongKind, "the file holds no statement")
    }
    let statement = try trust.open(Array(block.document.utf8), as: Statement.self).payload
    try statement.requireSealedDecisions(under: trust)
    return statement
  }

  private func ownUsage(
    of statement: Statement, _ content: ShelfContent
  ) async throws(VerifierError) -> OwnUsage {
    let licenses = content.licenses.map(\.payload).filter { $0.line == statement.line }
    guard let license = licenses.first else {
      throw VerifierError(
        .documentRefused,
        "the statement is of line \(statement.line), of which no license is installed here")
    }
    let zone: Zone
    do throws(PlatformError) { zone = try installation.surroundings.zones(license.zone) } catch {
      throw VerifierError(error)
    }
    let usage = try await installation.ledger.usage(through: statement.month.last)
    let activation = content.activation?.payload
    let holds = activation?.line == statement.line && activation?.installation == installation.name
    let revoked = (content.revocations?.payload.revoked ?? []).map { ($0.jti, $0.at) }
    return OwnUsage(
      installation: BilledInstallation(
        thumbprint: installation.name,
        activatedAt: holds ? activation?.iat ?? .max : .max,
        replaces: holds ? activation?.replaces?.installation : nil),
      zone: zone, licenses: licenses,
      revoked: Dictionary(revoked, uniquingKeysWith: { first, _ in first }),
      entries: usage.entries, thinned: usage.thinned,
      receipted: try await installation.ledger.receipted(at: statement.position))
  }
}
