package import Billing
internal import NIOHTTP1
package import Sealing

extension ControlClient {
  /// The sealed statement of a month, verified by the daemon.
  package func statement(of month: Month) async throws(VerifierError) -> FetchedStatement {
    try FetchedStatement(try await ask(.POST, "/v1/control/statement?month=\(month)"))
  }

  /// Holds a statement's file against the ledger.
  package func check(
    statement file: [UInt8], source: String
  ) async throws(VerifierError) -> JSONValue {
    try await ask(
      .POST, "/v1/control/statement/check?source=\(Self.escaped(source))", body: file)
  }
}
