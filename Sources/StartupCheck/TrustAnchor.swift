internal import Libcrypto
package import Licensing
internal import Platform
package import Sealing
internal import TrustRoot

/// The root keys that a program trusts, and where it has them from.
///
/// Rules:
/// 1. A vendor's root that is compiled in is the only one; naming another is refused.
/// 2. Only a program built without one takes it from a file, and says so at every start.
package struct TrustAnchor: Sendable {
  package let roots: RootKeys
  /// What the program must say on stderr at its start, nil where the root is compiled in.
  package let announcement: BilingualText?

  /// Where no root is compiled in, `root.jwks` says exactly this.
  private static let none: JSONValue = ["keys": [], "threshold": 0]

  /// The root of this build, or the one in the file where the build has none.
  /// - Parameters:
  ///   - file: the path given by `--trust-root`, nil where none was given.
  ///   - compiledIn: the bytes of `root.jwks`.
  /// - Throws: ``StartupCheckError`` `TRUST_ROOT_MISSING`, `TRUST_ROOT_FIXED`,
  ///   `TRUST_ROOT_UNREADABLE`.
  package init(
    file: String?, compiledIn: [UInt8] = TrustRoot.jwks
  ) throws(StartupCheckError) {
    let isEmpty = (try? JSONScanner.scan(Self.trimmed(compiledIn), maximumDepth: 4)) == Self.none
    guard isEmpty else {
      guard file == nil else {
        throw StartupCheckError(
          .trustRootFixed,
          "this program has its vendor's root compiled in and takes no other: leave out "
            + "--trust-root and TALLY_TRUST_ROOT")
      }
      roots = try Self.parse(compiledIn, "the root compiled into this program")
      announcement = nil
      return
    }
    guard let file else {
      throw StartupCheckError(
        .trustRootMissing,
        "this program was built without a vendor's root: name the vendor's root.jwks with "
          + "--trust-root FILE")
    }
    roots = try Self.parse(try Self.read(file), file)
    let name = roots.thumbprint(using: LibcryptoProvider())
    announcement = BilingualText(
      "no vendor root is compiled into this program; trusting the root \(name) of \(file)",
      "本程序没有内置供应商的根密钥，信任 \(file) 中的根密钥 \(name)")
  }

  private static func read(_ file: String) throws(StartupCheckError) -> [UInt8] {
    do throws(PlatformError) {
      return try Files.read(file, maximum: DocumentKind.keyset.maximumSize, regular: true)
    } catch { throw StartupCheckError(.trustRootUnreadable, error.message) }
  }

  private static func parse(
    _ bytes: [UInt8], _ name: String
  ) throws(StartupCheckError) -> RootKeys {
    do throws(Refusal) {
      let value = try JSONScanner.scan(trimmed(bytes), maximumDepth: 4)
      try value.requireDocumentShape()
      return try RootKeys(value, at: "root")
    } catch {
      throw StartupCheckError(
        .trustRootUnreadable,
        "\(name) holds no root keys (\(error.message)): take the root.jwks that the vendor "
          + "published")
    }
  }

  private static func trimmed(_ bytes: [UInt8]) -> [UInt8] {
    bytes.last == 0x0A ? Array(bytes.dropLast()) : bytes
  }
}
