internal import Libcrypto
package import Logging
internal import Platform
internal import Sealing

/// Installs what the license file of the settings says, or each file of a folder, whenever that changes.
///
/// Rules:
/// 1. Looking costs a `stat`; only a file that looks changed is read, and only content that was not seen
///    before is installed.
/// 2. A file that is refused changes nothing: the licenses that are held stay. It is said once, and looked
///    at again when it changes or someone asks.
/// 3. In a folder every regular file whose name does not begin with a dot is one, in the order of names.
package actor LicenseWatcher {
  private struct Seen {
    var stamp: [Int64]
    var digest: Digest
  }

  /// The most files of a folder that are looked at.
  private static let most = 256

  private let desk: ControlDesk
  private let live: LiveSettings
  private let logger: Logger
  private var seen: [String: Seen] = [:]
  private var missing: String?

  package init(_ desk: ControlDesk, live: LiveSettings, logger: Logger) {
    self.desk = desk
    self.live = live
    self.logger = logger
  }

  /// Looks at the file, or the folder.
  /// - Parameter anew: whether files are installed that look as they did.
  /// - Throws: ``VerifierError`` of the ledger; what is wrong with a file is said, not thrown.
  package func look(anew: Bool = false) async throws(VerifierError) {
    if anew { seen = [:] }
    guard let path = live.current.license else {
      desk.files.forget(.license, besides: [])
      return
    }
    let paths: [String]
    do throws(PlatformError) { paths = try Self.files(at: path) } catch {
      seen = [:]
      desk.files.forget(.license, besides: [path])
      note(error.code == .notFound ? .missing : .refused(error.message), path)
      if missing != path {
        logger.error("the license file is not there", metadata: ["cause": "\(error.message)"])
      }
      missing = path
      return
    }
    missing = nil
    desk.files.forget(.license, besides: Set(paths))
    seen = seen.filter { paths.contains($0.key) }
    for file in paths { try await take(file) }
  }

  private static func files(at path: String) throws(PlatformError) -> [String] {
    guard try Files.status(path).kind == .folder else { return [path] }
    let names = try Files.names(in: path).filter { !$0.hasPrefix(".") }.sorted()
    return names.map { "\(path)/\($0)" }
      .filter { (try? Files.status($0))?.kind == .file }.prefix(most).map { $0 }
  }

  private func take(_ path: String) async throws(VerifierError) {
    let bytes: [UInt8]
    let stamp: [Int64]
    do throws(PlatformError) {
      stamp = try Files.status(path).stamp
      guard seen[path]?.stamp != stamp else { return }
      bytes = try Files.read(path, regular: true)
    } catch { return refuse(path, error.message) }
    let digest = LibcryptoProvider().sha256(bytes)
    guard seen[path]?.digest != digest else {
      seen[path]?.stamp = stamp
      return
    }
    do throws(VerifierError) {
      let words = try await desk.install(bytes, source: path)
      seen[path] = Seen(stamp: stamp, digest: digest)
      note(.taken, path)
      guard !words.isEmpty else { return }
      logger.notice(
        "the license file is installed", metadata: ["path": "\(path)", "what": "\(words)"])
    } catch {
      switch error.code {
      case .documentRefused, .requestRefused:
        seen[path] = Seen(stamp: stamp, digest: digest)
        refuse(path, error.message)
      case .storeFull: refuse(path, error.message)
      default: throw error
      }
    }
  }

  private func refuse(_ path: String, _ why: String) {
    note(.refused(why), path)
    logger.error(
      "the license file is refused, what was installed stays", metadata: ["cause": "\(why)"])
  }

  private func note(_ outcome: WatchedFiles.Outcome, _ path: String) {
    desk.files.note(outcome, .license, path, at: desk.installation.time.wall ?? 0)
  }
}
