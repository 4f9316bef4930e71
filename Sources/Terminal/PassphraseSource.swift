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
  /// - Throws: ``CommandError`` naming what to give; an empty passphrase is none.
  package func read() throws(CommandError) -> Secret {
    do throws(PlatformError) {
      if let descriptor {
        let name = "file descriptor \(descriptor)"
        var bytes = try Files.readSecret(descriptor: descriptor, name, maximum: Self.maximum)
        return try Self.secret(&bytes, from: name)
      }
      if let file {
        var bytes = try Files.read(file, maximum: Self.maximum, secret: true)
        return try Self.secret(&bytes, from: file)
      }
      if let credentials, Files.exists(credentials) {
        var bytes = try Files.readCredential(credentials, maximum: Self.maximum)
        return try Self.secret(&bytes, from: credentials)
      }
    } catch {
      throw CommandError(.fault, "no passphrase: \(error.message)")
    }
    throw CommandError(
      .usage,
      "no passphrase for the key: give --passphrase-file, --passphrase-fd or the systemd "
        + "credential passphrase")
  }

  /// Bytes of the longest passphrase.
  private static let maximum = 4096

  /// Hands the one array over, so that it is overwritten and no copy of it is made.
  private static func secret(
    _ bytes: inout [UInt8], from name: String
  ) throws(PlatformError) -> Secret {
    if bytes.last == 0x0A { bytes.removeLast() }
    guard !bytes.isEmpty else {
      throw PlatformError(.notFound, "\(name) is empty: write the key's passphrase into it")
    }
    return Secret(taking: &bytes)
  }
}
