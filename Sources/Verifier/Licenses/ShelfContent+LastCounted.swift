internal import Libcrypto
package import Licensing
internal import Metering
internal import Sealing
internal import StartupCheck

extension ShelfContent {
  /// The license under which the installation counted last, whether or not it still verifies: nothing
  /// is decided by it, but the dates that are being counted end as they began.
  package var lastCounted: License? {
    let recorded = dossier.standing?.newestRecord?.license.text
    if let text = recorded.flatMap({ held.licenses[$0] }), let license = Self.read(text) {
      return license
    }
    return held.licenses.values.compactMap(Self.read).max {
      ($0.iat, $0.jti) < ($1.iat, $1.jti)
    }
  }

  private static func read(_ text: String) -> License? {
    (try? UnverifiedDocument(Array(text.utf8), as: .license)).flatMap {
      try? License.parse($0.payload)
    }
  }
}
