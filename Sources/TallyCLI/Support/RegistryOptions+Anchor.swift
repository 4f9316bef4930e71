internal import Authority
internal import Platform
internal import Sealing
internal import StartupCheck
internal import Terminal

extension RegistryOptions {
  /// Where trust begins: with the root that is named or compiled in, else with the registry's own; and the
  /// keysets that the registry keeps.
  /// - Throws: whatever cannot be read.
  func anchor(_ trustRoot: String?) throws -> (RootKeys, kept: [String]) {
    let named = trustRoot ?? ProcessEnvironment.all()["TALLY_TRUST_ROOT"]
    if named == nil, isNamed {
      let authority = try open(for: .read)
      return (try authority.firstRoots(), try authority.trust().chain)
    }
    let anchor = try TrustAnchor(file: named)
    if let announcement = anchor.announcement { Output.talk("tally: \(announcement.spoken)") }
    return (anchor.roots, [])
  }
}
