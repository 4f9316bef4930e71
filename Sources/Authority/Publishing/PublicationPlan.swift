internal import Licensing
package import Sealing

/// What goes to a gateway or into a file for one.
package struct PublicationPlan: Sendable, Equatable {
  /// Every keyset that is needed; empty when the newest has been published there before.
  package let keysets: [String]
  /// The newest epoch among them.
  package let epoch: Int64
  /// The newest revocations; nil when there are none, or they have been published there before.
  package let revocations: IssuedRevocations?
  package let licenses: [IssuedLicense]

  package init(
    keysets: [String], epoch: Int64, revocations: IssuedRevocations? = nil,
    licenses: [IssuedLicense]
  ) {
    self.keysets = keysets
    self.epoch = epoch
    self.revocations = revocations
    self.licenses = licenses
  }

  package var isEmpty: Bool { keysets.isEmpty && revocations == nil && licenses.isEmpty }

  /// The most licenses that a gateway takes at once.
  private static let licensesAtOnce = 10_000

  /// Parts of which each is small enough for one request, keysets and revocations in the first.
  package func parts(maximumBytes: Int) -> [PublicationPlan] {
    var parts: [PublicationPlan] = []
    var part: [IssuedLicense] = []
    // A keyset is JSON within JSON: its quotation marks are escaped.
    var size = keysets.reduce(revocations?.jws.utf8.count ?? 0) { $0 + 2 * $1.utf8.count }
    func flush() {
      parts.append(
        PublicationPlan(
          keysets: parts.isEmpty ? keysets : [], epoch: epoch,
          revocations: parts.isEmpty ? revocations : nil, licenses: part))
      part = []
      size = 0
    }
    for license in licenses {
      let length = license.jws.utf8.count + 3
      if size + length > maximumBytes || part.count == Self.licensesAtOnce, !part.isEmpty {
        flush()
      }
      part.append(license)
      size += length
    }
    flush()
    return parts
  }

  /// As an armour file.
  package var file: String {
    Armour.write(
      keysets.map { ArmourBlock(kind: .keyset, document: $0) }
        + (revocations.map { [ArmourBlock(kind: .revocations, document: $0.jws)] } ?? [])
        + licenses.map { ArmourBlock(kind: .license, document: $0.jws) })
  }

  /// The names under which the registry remembers that they were published.
  var documents: [String] {
    (keysets.isEmpty ? [] : ["keyset \(epoch)"])
      + (revocations.map { ["revocations \($0.revocations.seq)"] } ?? [])
      + licenses.map(\.license.jti.text)
  }

  /// What is sent where, in words for the log.
  func act(to target: String) -> String {
    let parts = [
      keysets.isEmpty ? nil : "keyset \(epoch)",
      revocations.map { "revocations \($0.revocations.seq)" },
      licenses.count == 1 ? "1 license" : "\(licenses.count) licenses",
    ]
    return "\(parts.compactMap(\.self).joined(separator: ", ")) for \(target)"
  }

  package var json: JSONValue {
    [
      "keyset": keysets.isEmpty ? .null : .integer(epoch),
      "revocations": revocations.map { .integer($0.revocations.seq) } ?? .null,
      "licenses": .array(licenses.map(\.license.jti.json)),
    ]
  }
}
