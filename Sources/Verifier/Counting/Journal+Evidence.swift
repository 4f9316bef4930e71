package import CivilTime
package import Metering

extension Journal {
  /// The evidence of a date from what is kept; without any leaf where nothing is.
  package func evidence(of date: CivilDate) async throws(VerifierError) -> Metering.Evidence {
    try await read { try evidence(of: date, in: $0) }
  }
}
