import Sealing

extension Rules {
  /// The license is for the product that runs, by the release document and by the platform's own
  /// word.
  static func wrongProduct(_ matter: Matter) -> [Finding] {
    guard let license = matter.license else { return [] }
    var facts = matter.facts
    facts.add(.product, license.product)
    if let release = matter.situation.release?.payload,
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

  /// A license that must be activated is activated for this installation and line.
  ///
  /// One that need not be binds nobody. Where neither key nor record is known yet, there is nothing
  /// to compare with.
  static func wrongInstallation(_ matter: Matter) -> [Finding] {
    guard let license = matter.license, license.activation == .required,
      let activation = matter.standing?.activation?.payload
    else { return [] }
    let installation = matter.standing?.installation
    let isOther = installation.map { $0 != activation.installation } ?? false
    guard isOther || activation.line != license.line else { return [] }
    var facts = matter.facts
    if isOther {
      facts.add(.activatedInstallation, activation.installation.text)
      facts.add(.installation, installation?.text)
    }
    if activation.line != license.line { facts.add(.activatedLine, activation.line.text) }
    return [matter.finding(.wrongInstallation, facts)]
  }

  /// A license that must be activated has been.
  static func notActivated(_ matter: Matter) -> [Finding] {
    guard let license = matter.license, license.activation == .required,
      matter.standing?.activation == nil
    else { return [] }
    return [matter.finding(.notActivated, matter.facts)]
  }
}
