internal import Authority
internal import Sealing
internal import Terminal

/// Shows a key that no longer stands, and what dies with it.
struct KeyStandingOutput {
  let format: Format

  func show(_ key: KeyRecord, _ signed: SignedDocuments, _ what: String, next: String) {
    switch format {
    case .json:
      guard case .object(let members) = key.json else { return }
      Output.data(.object(members + [JSONMember("in_use", signed.json)]))
    case .text: Output.data("\(key.role.rawValue) key \(key.thumbprint) \(what)")
    }
    if !signed.isEmpty {
      Output.talk("it has signed what is in use, and what will not be believed any more:")
      for line in signed.inWords { Output.talk("  \(line)") }
    }
    Output.talk("next: \(next)")
  }
}
