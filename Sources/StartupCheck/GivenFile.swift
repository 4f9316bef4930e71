internal import Platform
package import Sealing

/// A file that someone hands over: the blocks in it, or why it has none.
///
/// Every block of such a file must unwrap and verify; ``Dossier`` sees to the second.
package struct GivenFile: Sendable {
  /// What the file is given as, which says what blocks it may hold.
  package enum Role: Sendable {
    /// Licenses, beside the keysets and revocations that come with them.
    case license
    /// The release document of the install package, beside its keysets.
    case release

    /// What the file must hold at least one of.
    package var principal: DocumentKind {
      switch self {
      case .license: .license
      case .release: .release
      }
    }
  }

  package let role: Role
  /// The file's name, for people.
  package let source: String
  /// In the order of the file; empty where it was refused.
  package let blocks: [ArmourBlock]
  /// Why the file holds no blocks.
  package let refusal: Refusal?

  /// Unwraps the bytes of a file.
  package init(_ bytes: [UInt8], as role: Role, source: String) {
    self.role = role
    self.source = source
    do throws(Refusal) {
      blocks = try Armour.read(bytes)
      refusal = nil
    } catch {
      blocks = []
      refusal = error
    }
  }

  /// Reads a file.
  /// - Throws: ``StartupCheckError`` `INPUT_UNREADABLE` for a file that is missing or cannot be read.
  ///   One too large to be what it should be is refused instead.
  package init(path: String, as role: Role) throws(StartupCheckError) {
    do throws(PlatformError) {
      self.init(try Files.read(path, regular: true), as: role, source: path)
    } catch {
      guard error.code == .tooLarge else {
        throw StartupCheckError(.inputUnreadable, error.message)
      }
      self.init(role: role, source: path, refusal: .malformed(error.message))
    }
  }

  private init(role: Role, source: String, refusal: Refusal) {
    self.role = role
    self.source = source
    self.refusal = refusal
    blocks = []
  }

  /// The keysets among the blocks.
  var keysets: [String] {
    blocks.filter { $0.kind == .keyset }.map(\.document)
  }

  /// What to call a block: the file, and its place where there are several.
  func name(of index: Int) -> String {
    guard blocks.count > 1, blocks.indices.contains(index) else { return source }
    return "\(source), block \(index + 1) (\(blocks[index].kind.label))"
  }
}
