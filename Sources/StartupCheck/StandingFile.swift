internal import Platform
package import Sealing

/// The plain file `standing`: replaced whole by the running verifier, read by the check.
package struct StandingFile: Sendable {
  /// What was found at the path.
  package enum Content: Sendable {
    /// No file stands there: the verifier has not run yet.
    case absent
    case document(StandingDocument)
    /// A file that no verifier wrote so.
    case refused(Refusal)
  }

  package let path: String

  package init(_ path: String) {
    self.path = path
  }

  /// Reads the file.
  /// - Throws: ``StartupCheckError`` `INPUT_UNREADABLE` for one that exists and cannot be read, and for
  ///   a path whose folder does not exist: a misspelt path must not read as a first start.
  package func read() throws(StartupCheckError) -> Content {
    let bytes: [UInt8]
    do throws(PlatformError) {
      bytes = try Files.read(path, regular: true)
    } catch {
      switch error.code {
      case .notFound:
        try requireFolder()
        return .absent
      case .tooLarge: return .refused(Refusal(.damaged, error.message))
      case .permissionDenied, .readOnly, .full, .locked, .notAFile, .modeTooLoose,
        .clockUnreadable, .zoneUnknown, .inputOutput:
        throw StartupCheckError(.inputUnreadable, error.message)
      }
    }
    do throws(Refusal) {
      return .document(try StandingDocument(bytes))
    } catch { return .refused(error) }
  }

  private func requireFolder() throws(StartupCheckError) {
    guard !path.isEmpty else {
      throw StartupCheckError(
        .inputUnreadable, "the path of the standing is empty: name the file, or leave it out")
    }
    let folder = Files.folder(of: path)
    guard Files.exists(folder) else {
      throw StartupCheckError(
        .inputUnreadable,
        "there is no folder \(folder) for the standing \(path): check the path; the file itself "
          + "need not be there before the verifier has run")
    }
  }

  /// Replaces the file; a reader sees the old one or the new one, never a part.
  /// - Throws: ``StartupCheckError`` `STANDING_UNWRITABLE`; the old file then stands.
  package func replace(with document: StandingDocument) throws(StartupCheckError) {
    let bytes = document.json.serialized
    guard bytes.count < StandingDocument.maximumSize else {
      throw StartupCheckError(
        .standingUnwritable,
        "the standing has \(bytes.count) bytes, \(StandingDocument.maximumSize) are too many for "
          + "a Secret: remove licenses that a later revision has replaced")
    }
    do throws(PlatformError) {
      try Files.replace(path, with: bytes)
    } catch {
      throw StartupCheckError(.standingUnwritable, error.message, isFault: error.code != .full)
    }
  }
}
