internal import ArgumentParser
internal import Billing
internal import CivilTime
internal import Gateway
internal import Licensing
internal import Sealing
internal import Terminal

// How values are read from the command line. What is not one of them ends with usage and status 64.

extension LicenseID: ExpressibleByArgument {
  package init?(argument: String) { self.init(argument) }
}

extension LineID: ExpressibleByArgument {
  package init?(argument: String) { self.init(argument) }
}

extension FindingID: ExpressibleByArgument {
  package init?(argument: String) { self.init(argument) }
}

extension LedgerFinding.Code: ExpressibleByArgument {
  package init?(argument: String) { self.init(rawValue: argument) }
}

extension Thumbprint: ExpressibleByArgument {
  package init?(argument: String) { self.init(ShieldedName.bare(argument)) }
}

extension CivilDate: ExpressibleByArgument {
  package init?(argument: String) { self.init(argument) }
}

extension Month: ExpressibleByArgument {
  package init?(argument: String) { self.init(argument) }
}

/// Several scopes joined by commas.
struct Scopes: ExpressibleByArgument {
  let values: Set<TokenScope>

  init?(argument: String) {
    let names = argument.split(separator: ",", omittingEmptySubsequences: false)
    let scopes = names.compactMap { TokenScope(rawValue: String($0)) }
    guard scopes.count == names.count else { return nil }
    values = Set(scopes)
  }
}
