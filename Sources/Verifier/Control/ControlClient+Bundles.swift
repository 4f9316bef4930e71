package import CivilTime
internal import NIOHTTP1
package import Sealing

extension ControlClient {
  /// One leaf of a date, opened.
  package func prove(
    _ name: String, kind: String?, on date: CivilDate
  ) async throws(VerifierError) -> JSONValue {
    let kind = kind.map { "&kind=\(Self.escaped($0))" } ?? ""
    return try await ask(
      .GET, "/v1/control/proof?date=\(date)&collector=\(Self.escaped(name))\(kind)")
  }

  /// A bundle of what has no receipt yet.
  package func export(_ request: BundleRequest) async throws(VerifierError) -> JSONValue {
    try await ask(.POST, "/v1/control/bundle?\(request.query)")
  }

  /// Takes the answer to a bundle.
  package func take(
    answer file: [UInt8], source: String
  ) async throws(VerifierError) -> JSONValue {
    try await ask(.POST, "/v1/control/answer?source=\(Self.escaped(source))", body: file)
  }
}
