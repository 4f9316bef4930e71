package import Sealing

/// A refusal over HTTP: a problem document (RFC 9457) with a stable `code` and whether trying again can
/// help.
package struct Problem: Error, Sendable, Equatable, CustomStringConvertible {
  /// Every code that the gateway and the verifier answer with. Docs/Errors lists them.
  package enum Code: String, Sendable, CaseIterable {
    case malformed = "MALFORMED"
    case damaged = "DAMAGED"
    case unsupportedVersion = "UNSUPPORTED_VERSION"
    case wrongKind = "WRONG_KIND"
    case unknownKey = "UNKNOWN_KEY"
    case keyNotAllowed = "KEY_NOT_ALLOWED"
    case keyRevoked = "KEY_REVOKED"
    case keysetTooOld = "KEYSET_TOO_OLD"
    case signatureInvalid = "SIGNATURE_INVALID"
    case licenseRevoked = "LICENSE_REVOKED"
    case superseded = "SUPERSEDED"
    case notActivated = "NOT_ACTIVATED"
    case noSeat = "NO_SEAT"
    case replaceNotAllowed = "REPLACE_NOT_ALLOWED"
    case outOfOrder = "OUT_OF_ORDER"
    case forked = "FORKED"
    case unauthorized = "UNAUTHORIZED"
    case forbidden = "FORBIDDEN"
    case notFound = "NOT_FOUND"
    case methodNotAllowed = "METHOD_NOT_ALLOWED"
    case conflict = "CONFLICT"
    case tooLarge = "TOO_LARGE"
    case overLimit = "OVER_LIMIT"
    case rateLimited = "RATE_LIMITED"
    case requestTimeout = "REQUEST_TIMEOUT"
    case storeUnavailable = "STORE_UNAVAILABLE"
    case notReady = "NOT_READY"
    case internalFault = "INTERNAL"
  }

  package let code: Code
  /// What happened and what to do, for a person.
  package let detail: String
  /// Further members of the document, such as `expected` of `OUT_OF_ORDER`.
  package let facts: [JSONMember]

  package init(_ code: Code, _ detail: String, facts: [JSONMember] = []) {
    self.code = code
    self.detail = detail
    self.facts = facts
  }

  /// What a sealed document was refused for.
  package init(_ refusal: Refusal) {
    let code: Code =
      switch refusal.code {
      case .damaged: .damaged
      case .malformed: .malformed
      case .unsupportedVersion: .unsupportedVersion
      case .wrongKind: .wrongKind
      case .unknownKey: .unknownKey
      case .keyNotAllowed: .keyNotAllowed
      case .keyRevoked: .keyRevoked
      case .keysetTooOld: .keysetTooOld
      case .signatureInvalid: .signatureInvalid
      }
    self.init(code, refusal.message)
  }

  /// The HTTP status (RFC 9110, RFC 6585).
  package var status: Int {
    switch code {
    case .malformed, .damaged, .unsupportedVersion, .wrongKind, .unknownKey, .keyNotAllowed,
      .keyRevoked, .keysetTooOld, .signatureInvalid:
      400
    case .unauthorized: 401
    case .licenseRevoked, .notActivated, .forbidden, .overLimit: 403
    case .notFound: 404
    case .methodNotAllowed: 405
    case .requestTimeout: 408
    case .superseded, .noSeat, .replaceNotAllowed, .outOfOrder, .forked, .conflict: 409
    case .tooLarge: 413
    case .rateLimited: 429
    case .internalFault: 500
    case .storeUnavailable, .notReady: 503
    }
  }

  /// Whether the same request can succeed later without being changed.
  package var retryable: Bool {
    switch code {
    case .rateLimited, .requestTimeout, .storeUnavailable, .notReady, .internalFault: true
    case .malformed, .damaged, .unsupportedVersion, .wrongKind, .unknownKey, .keyNotAllowed,
      .keyRevoked, .keysetTooOld, .signatureInvalid, .licenseRevoked, .superseded, .notActivated,
      .noSeat, .replaceNotAllowed, .outOfOrder, .forked, .unauthorized, .forbidden, .notFound,
      .methodNotAllowed, .conflict, .tooLarge, .overLimit:
      false
    }
  }

  /// The problem document.
  package var json: JSONValue {
    .object(
      [
        JSONMember("type", .string("urn:tally:problem:\(code.rawValue)")),
        JSONMember(
          "title",
          .string(code.rawValue.lowercased().split(separator: "_").joined(separator: " "))),
        JSONMember("status", .integer(status)),
        JSONMember("detail", .string(detail)),
        JSONMember("code", .string(code.rawValue)),
        JSONMember("retryable", .bool(retryable)),
      ] + facts)
  }

  /// Reads a problem document; members that are not known are passed over, as RFC 9457 asks.
  /// - Returns: nil when the bytes are no problem document with a known code.
  package init?(_ bytes: [UInt8]) {
    guard let value = try? JSONScanner.scan(bytes, maximumDepth: 16),
      let name = value["code"]?.string, let code = Code(rawValue: name),
      case .object(let members) = value
    else { return nil }
    let standard: Set<String> = ["type", "title", "status", "detail", "code", "retryable"]
    self.init(
      code, value["detail"]?.string ?? name,
      facts: members.filter { !standard.contains($0.name) })
  }

  package static func == (left: Problem, right: Problem) -> Bool { left.code == right.code }
  package var description: String { "\(code.rawValue): \(detail)" }
}
