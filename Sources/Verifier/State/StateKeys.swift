package import Libcrypto
internal import Platform
package import Sealing

/// The secrets of an installation, made at its first start.
package struct StateKeys: Sendable {
  /// Seals enrolments, usage records and signs of life.
  package let installation: InstallationKey
  /// Makes the names of evidence; never leaves the customer.
  package let evidence: HiddenBytes
  /// What collectors and readers of the verdict show.
  package var token: String { String(decoding: hiddenToken.bytes, as: UTF8.self) }

  private let hiddenToken: HiddenBytes

  /// Whether the folder has an installation's key.
  /// - Throws: ``VerifierError`` where the disk does not tell.
  package static func exist(in folder: StateFolder) throws(VerifierError) -> Bool {
    try folder.has(folder.installationKey)
  }

  /// Reads the keys.
  /// - Throws: ``VerifierError`` `KEY_UNUSABLE` for one that is missing, damaged or open to others.
  package init(reading folder: StateFolder) throws(VerifierError) {
    var seed = try Self.read(folder.installationKey)
    defer { Secret.wipe(&seed) }
    do throws(LibcryptoError) {
      installation = try InstallationKey(seed: seed)
    } catch { throw VerifierError(.keyUnusable, "\(folder.installationKey): \(error.message)") }
    evidence = HiddenBytes(try Self.read(folder.evidenceKey, cure: Self.evidenceCure(folder)))
    hiddenToken = HiddenBytes(try Self.token(folder.token))
  }

  /// One word of what a header can carry; anything else is none that anybody shows.
  private static func token(_ path: String) throws(VerifierError) -> [UInt8] {
    let words = try read(
      path, count: nil, cure: "restore it, or write another of one line into it, mode 0600"
    ).split { $0 == 0x20 || (0x09...0x0D).contains($0) }
    guard let word = words.first else {
      throw VerifierError(.keyUnusable, "\(path) is empty: write a token into it")
    }
    guard words.count == 1, word.allSatisfy({ (0x21...0x7E).contains($0) }) else {
      throw VerifierError(
        .keyUnusable,
        "\(path) is damaged: it must hold one token of letters, digits and signs; write another")
    }
    return Array(word)
  }

  /// The name of the installation whose key is in the folder; nil where it cannot be read.
  package static func owner(of folder: StateFolder) -> Thumbprint? {
    guard var seed = try? read(folder.installationKey) else { return nil }
    defer { Secret.wipe(&seed) }
    return (try? InstallationKey(seed: seed))?.thumbprint
  }

  /// Makes what is missing; the installation's key comes last, so that where it stands all stands.
  /// - Throws: ``VerifierError``.
  package static func make(in folder: StateFolder) throws(VerifierError) {
    do {
      if try !Files.isThere(folder.token) {
        let token = try SecureRandom.bytes(32).map(Self.hexadecimal).joined()
        try Files.create(folder.token, with: Array("\(token)\n".utf8), mode: 0o600)
      }
      if try !Files.isThere(folder.evidenceKey) {
        try Files.create(folder.evidenceKey, with: try SecureRandom.bytes(32), mode: 0o600)
      }
      var seed = try InstallationKey.generate().seed()
      defer { Secret.wipe(&seed) }
      try Files.create(folder.installationKey, with: seed, mode: 0o600)
    } catch let error as PlatformError {
      throw VerifierError(error)
    } catch let error as LibcryptoError {
      throw VerifierError(error)
    } catch {
      throw VerifierError(.keyUnusable, "the installation's keys cannot be made in \(folder.path)")
    }
  }

  private static func hexadecimal(_ byte: UInt8) -> String {
    let text = String(byte, radix: 16)
    return text.utf8.count == 1 ? "0\(text)" : text
  }

  private static func evidenceCure(_ folder: StateFolder) -> String {
    "restore it from a copy of the state folder; without one move \(folder.journal) aside and write 32 "
      + "random bytes into it, mode 0600: the time since the last closed date is then a gap, and the "
      + "dates before cannot be explained any more"
  }

  /// - Parameter cure: what to do where it is not there.
  private static func read(
    _ path: String, count: Int? = 32, cure: String = "restore it from a copy of the state folder"
  ) throws(VerifierError) -> [UInt8] {
    let bytes: [UInt8]
    do throws(PlatformError) {
      bytes = try Files.read(path, maximum: 4096, secret: true)
    } catch {
      guard error.code == .notFound else { throw VerifierError(.keyUnusable, error.message) }
      throw VerifierError(.keyUnusable, "\(path) is not there: \(cure)")
    }
    guard count == nil || bytes.count == count else {
      throw VerifierError(
        .keyUnusable, "\(path) has \(bytes.count) bytes, not 32: restore it from a backup")
    }
    return bytes
  }
}
