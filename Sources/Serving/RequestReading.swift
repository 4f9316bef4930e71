internal import HTTPTypes
package import Hummingbird
internal import Libcrypto
internal import NIOCore
internal import Reporting
internal import Sealing

extension Request {
  /// The whole body.
  /// - Throws: ``Problem`` `TOO_LARGE` above the limit.
  package func bytes(upTo limit: Int) async throws -> [UInt8] {
    if let length = headers[.contentLength].flatMap({ Int($0) }), length > limit {
      throw Self.tooLarge(limit)
    }
    do {
      let buffer = try await body.collect(upTo: limit)
      return Array(buffer.readableBytesView)
    } catch is NIOTooManyBytesError {
      throw Self.tooLarge(limit)
    }
  }

  private static func tooLarge(_ limit: Int) -> Problem {
    Problem(.tooLarge, "the body has more than \(limit) bytes: send less at once")
  }

  /// The token of an `Authorization: Bearer` header (RFC 6750).
  /// - Throws: ``Problem`` `UNAUTHORIZED`.
  package func bearerToken() throws -> String {
    let parts = (headers[.authorization] ?? "").split(separator: " ", maxSplits: 1)
    guard parts.count == 2, parts[0].lowercased() == "bearer" else {
      throw Problem(.unauthorized, "this path needs a header Authorization: Bearer TOKEN")
    }
    return String(parts[1])
  }
}

/// Compares secrets without telling by its time where they differ.
package enum SecretComparison {
  package static func areEqual(_ left: String, _ right: String) -> Bool {
    let cryptography = LibcryptoProvider()
    let left = cryptography.sha256(Array(left.utf8)).bytes
    let right = cryptography.sha256(Array(right.utf8)).bytes
    return zip(left, right).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
  }
}
