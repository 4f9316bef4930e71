internal import Libcrypto
internal import Licensing
internal import Metering
internal import Sealing
internal import StartupCheck

extension ShelfContent {
  /// A license by its own word, and as it came.
  struct KeptLicense {
    let payload: License
    let jws: String
  }

  /// The license under which the installation counted last, whether or not it still verifies: nothing
  /// is decided by it, but what is being counted and reported goes on as it began.
  ///
  /// Before the first record it is one of the line that is activated, else the one issued last.
  var lastCounted: KeptLicense? {
    let recorded = dossier.standing?.newestRecord?.license.text
    if let text = recorded.flatMap({ held.licenses[$0] }), let license = Self.read(text) {
      return license
    }
    let kept = held.licenses.values.compactMap(Self.read)
    let activated = kept.filter { isActivated(for: $0.payload.line) }
    return (activated.isEmpty ? kept : activated).max { left, right in
      (left.payload.iat, left.payload.jti) < (right.payload.iat, right.payload.jti)
    }
  }

  /// A license that is held, by its own word; nil where it is not held or cannot be read.
  func kept(_ jti: String) -> License? { held.licenses[jti].flatMap(Self.read)?.payload }

  private static func read(_ text: String) -> KeptLicense? {
    (try? UnverifiedDocument(Array(text.utf8), as: .license)).flatMap { document in
      (try? License.parse(document.payload)).map { KeptLicense(payload: $0, jws: text) }
    }
  }
}
