internal import Licensing
package import Sealing

/// What goes to a gateway or into a file for one.
package struct PublicationPlan: Sendable, Equatable {
  /// Every keyset that is needed; empty when the newest has been published there before.
  package let keysets: [String]
  /// The newest epoch among them.
  package let epoch: Int64
  package let licenses: [IssuedLicense]

  package var isEmpty: Bool { keysets.isEmpty && licenses.isEmpty }

  /// Parts of which each is small enough for one request, the keysets in the first.
  package func parts(maximumBytes: Int) -> [PublicationPlan] {
    var parts: [PublicationPlan] = []
    var part: [IssuedLicense] = []
    var size = keysets.reduce(0) { $0 + $1.utf8.count }
    func flush() {
      parts.append(
        PublicationPlan(keysets: parts.isEmpty ? keysets : [], epoch: epoch, licenses: part))
      part = []
      size = 0
    }
    for license in licenses {
      if size + license.jws.utf8.count > maximumBytes, !part.isEmpty { flush() }
      part.append(license)
      size += license.jws.utf8.count
    }
    flush()
    return parts
  }

  /// As an armour file.
  package var file: String {
    DocumentFile.text(licenses.map(\.jws), of: .license, keysets: keysets)
  }

  /// The names under which the registry remembers that they were published.
  var documents: [String] {
    (keysets.isEmpty ? [] : ["keyset \(epoch)"]) + licenses.map(\.license.jti.text)
  }

  package var json: JSONValue {
    [
      "keyset": keysets.isEmpty ? .null : .integer(epoch),
      "licenses": .array(licenses.map(\.license.jti.json)),
    ]
  }
}
