internal import Glibc
package import Libcrypto
internal import Platform

/// Where an unattended program finds the passphrase of a key: never on its command line.
///
/// The first that is there wins: an open file descriptor, a file that only its owner can read (from the
/// flag or `TALLY_PASSPHRASE_FILE`), the systemd credential `passphrase`.
package struct PassphraseSource: Sendable {
  private let descriptor: Int32?
  private let file: String?
  private let credentials: String?

  /// - Parameter environment: for `TALLY_PASSPHRASE_FILE` and `CREDENTIALS_DIRECTORY`.
  package init(descriptor: Int32?, file: String?, environment: [String: String]) {
    self.descriptor = descriptor
    self.file = file ?? environment["TALLY_PASSPHRASE_FILE"]
    self.credentials = environment["CREDENTIALS_DIRECTORY"].map { "\($0)/passphrase" }
  }

  /// Reads the passphrase; one final line feed is no part of it.
  /// - Throws: ``CommandError`` naming what to give.
  package func read() throws(CommandError) -> Secret {
    do throws(PlatformError) {
      if let descriptor {
        return try Self.secret(
          Files.read(descriptor: descriptor, "file descriptor \(descriptor)", maximum: 4096))
      }
      if let file {
        return try Self.secret(Files.read(file, maximum: 4096, secret: true))
      }
      if let credentials, Files.exists(credentials) {
        return try Self.secret(Files.read(credentials, maximum: 4096))
      }
    } catch {
      throw CommandError(.fault, "no passphrase: \(error.message)")
    }
    throw CommandError(
      .usage,
      "no passphrase for the key: give --passphrase-file, --passphrase-fd or the systemd "
        + "credential passphrase")
  }

  private static func secret(_ bytes: [UInt8]) -> Secret {
    var bytes = bytes
    if bytes.last == 0x0A { bytes.removeLast() }
    return Secret(taking: &bytes)
  }
}
