package import Licensing

extension Surroundings {
  /// The address to report to under a license.
  /// - Throws: ``VerifierError`` `NO_GATEWAY`.
  package func gateway(of license: License) throws(VerifierError) -> GatewayAddress {
    if let gateway { return gateway }
    guard let text = license.reporting.gateway else {
      throw VerifierError(.noGateway, "license \(license.jti) names no gateway")
    }
    guard let address = GatewayAddress(text) else {
      throw VerifierError(
        .noGateway,
        "the license's gateway \(text.prefix(128)) is no https address, nor http on this machine: "
          + "name another with the setting gateway")
    }
    return address
  }
}
