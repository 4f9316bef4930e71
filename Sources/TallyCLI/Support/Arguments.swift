internal import ArgumentParser
internal import Authority
internal import CivilTime
internal import Licensing
internal import Sealing
internal import Terminal

// How values are read from the command line. What is not one of them ends with usage and status 64.

extension Edition: ExpressibleByArgument {}
extension Overage: ExpressibleByArgument {}
extension GapRule: ExpressibleByArgument {}
extension ReportingMode: ExpressibleByArgument {}
extension ActivationRule: ExpressibleByArgument {}
extension Enforcement: ExpressibleByArgument {}
extension RenewalBasis: ExpressibleByArgument {}
extension SignatureAlgorithm: ExpressibleByArgument {}
extension KeyRole: ExpressibleByArgument {}

extension CivilDate: ExpressibleByArgument {
  package init?(argument: String) { self.init(argument) }
}

extension Thumbprint: ExpressibleByArgument {
  package init?(argument: String) { self.init(ShieldedName.bare(argument)) }
}

extension CustomerID: ExpressibleByArgument {
  package init?(argument: String) { self.init(argument) }
}

extension LineID: ExpressibleByArgument {
  package init?(argument: String) { self.init(argument) }
}

extension LicenseName: ExpressibleByArgument {
  package init?(argument: String) { self.init(argument) }
}

extension LicenseID: ExpressibleByArgument {
  package init?(argument: String) { self.init(argument) }
}

extension Price {
  /// - Throws: `ValidationError` that says why the text is no price, and what one looks like.
  init(option text: String) throws {
    guard let price = Money.price(text) else {
      throw ValidationError(Money.fault(text) ?? "a price is written such as \"CNY 1.20\"")
    }
    self = price
  }
}

/// How data is written.
enum Format: String, ExpressibleByArgument, CaseIterable {
  case text
  case json
}
