import Sealing

extension Rules {
  /// The license is for the product that runs, by the release document and by the platform's own
  /// word.
  static func wrongProduct(_ matter: Matter) -> [Finding] {
    guard let license = matter.license else { return [] }
    var facts = matter.facts
    facts.add(.product, license.product)
    if let release = matter.situation.judgedRelease,
      !license.product.isSameBytes(as: release.product)
    {
      facts.add(.release, release.version)
      facts.add(.releaseProduct, release.product)
    } else if let running = matter.situation.product, !license.product.isSameBytes(as: running) {
      facts.add(.releaseProduct, running)
    } else {
      return []
    }
    return [matter.finding(.wrongProduct, facts)]
  }

  /// A license that must be activated is activated for this installation and line; and a license given
  /// by hand is of the line that the verifier counts under, where use under that is denied.
  ///
  /// One that need not be activated is bound to no installation. Where neither key nor record is known
  /// yet, there is nothing to compare with.
  static func wrongInstallation(_ matter: Matter) -> [Finding] {
    guard let license = matter.license else { return [] }
    var mismatch = Facts()
    if license.activation == .required, let activation = matter.standing?.activation?.payload {
      if let installation = matter.standing?.installation, installation != activation.installation {
        mismatch.add(.activatedInstallation, activation.installation.text)
        mismatch.add(.installation, installation.text)
      }
      if activation.line != license.line { mismatch.add(.activatedLine, activation.line.text) }
    }
    mismatch.add(.countedLine, countedLine(insteadOf: license, matter)?.text)
    guard !mismatch.members.isEmpty else { return [] }
    var facts = matter.facts
    for member in mismatch.members {
      guard let name = FactName(rawValue: member.name) else { continue }
      facts.add(name, json: member.value)
    }
    return [matter.finding(.wrongInstallation, facts)]
  }

  /// The line that the verifier counts under where a license of another one would stand in for it: use
  /// under it is denied, or nothing of it is at hand any more. The license may run once the verifier
  /// counts under it too, which it does from its install on where the present line is over.
  private static func countedLine(insteadOf license: License, _ matter: Matter) -> LineID? {
    guard let standing = matter.standing, !matter.situation.licenses.isEmpty else { return nil }
    if standing.held.isEmpty {
      guard license.activation == .optional, let line = standing.activation?.payload.line else {
        return nil
      }
      return line == license.line ? nil : line
    }
    if standing.held.allSatisfy({ $0.payload.line == license.line }) { return nil }
    guard let counted = Choice.counted(in: matter.situation), counted.line != license.line else {
      return nil
    }
    return counted.isUsable ? nil : counted.line
  }

  /// A license that must be activated has been.
  static func notActivated(_ matter: Matter) -> [Finding] {
    guard let license = matter.license, license.activation == .required,
      matter.standing?.activation == nil
    else { return [] }
    return [matter.finding(.notActivated, matter.facts)]
  }
}
