/// The kinds of sealed document, each with its own `typ` (RFC 8725 section 3.11).
package enum DocumentKind: String, Sendable, CaseIterable {
  case keyset = "tally-keyset+jwt"
  case revocations = "tally-revocations+jwt"
  case license = "tally-license+jwt"
  case release = "tally-release+jwt"
  case enrolment = "tally-enrolment+jwt"
  case activation = "tally-activation+jwt"
  case usage = "tally-usage+jwt"
  case alive = "tally-alive+jwt"
  case receipt = "tally-receipt+jwt"
  case decision = "tally-decision+jwt"
  case statement = "tally-statement+jwt"

  /// The word for people and for armour: `LICENSE` stands between BEGIN and END.
  package var label: String {
    switch self {
    case .keyset: "KEYSET"
    case .revocations: "REVOCATIONS"
    case .license: "LICENSE"
    case .release: "RELEASE"
    case .enrolment: "ENROLMENT"
    case .activation: "ACTIVATION"
    case .usage: "USAGE"
    case .alive: "ALIVE"
    case .receipt: "RECEIPT"
    case .decision: "DECISION"
    case .statement: "STATEMENT"
    }
  }

  /// The largest sealed form accepted, in bytes.
  package var maximumSize: Int {
    switch self {
    case .revocations: 512 * 1024
    case .statement: 16 * 1024 * 1024
    case .keyset, .license, .release, .enrolment, .activation, .usage, .alive, .receipt, .decision:
      64 * 1024
    }
  }

  /// The largest file or answer that brings one with what is needed to trust it, in bytes.
  package var maximumFile: Int { maximumSize + 8 * 1024 * 1024 }
}

/// What a sealed document says.
///
/// `ver` is read before anything else and not part of the payload: ``version`` stands for it.
package protocol SealedPayload: Sendable, Equatable {
  static var kind: DocumentKind { get }
  /// The version written; a higher one is refused as `UNSUPPORTED_VERSION`.
  static var version: Int64 { get }
  /// Reads every member but `ver`; the caller refuses what is left over.
  init(reading reader: inout ObjectReader) throws(Refusal)
  /// Every member but `ver`, in the order in which they are written.
  var members: [JSONMember] { get }
}

extension SealedPayload {
  package static var version: Int64 { 1 }

  /// The payload as JSON, `ver` first.
  package var json: JSONValue {
    .object([JSONMember("ver", .integer(Self.version))] + members)
  }

  /// Parses a payload strictly.
  /// - Throws: ``Refusal`` `UNSUPPORTED_VERSION` for a higher `ver`, `MALFORMED` for everything else
  ///   that the format does not allow.
  package static func parse(_ bytes: [UInt8]) throws(Refusal) -> Self {
    let text = try JSONScanner.text(bytes, maximumDepth: SealedLimits.depth)
    if let version = text.integer("ver"), version > Self.version {
      throw Refusal(
        .unsupportedVersion,
        "this \(Self.kind.label.lowercased()) is version \(version); this program reads up to "
          + "\(Self.version): update the program")
    }
    try text.requireDocumentShape()
    var reader = try ObjectReader(text)
    _ = try reader.integer("ver", in: Self.version...Self.version)
    let payload = try Self(reading: &reader)
    try reader.end()
    return payload
  }
}

/// What an online key may be used for.
package enum KeyUse: String, Sendable, CaseIterable {
  case license
  case release
  case revocation
  case gateway

  /// The kinds of document that such a key seals.
  package var kinds: [DocumentKind] {
    switch self {
    case .license: [.license]
    case .release: [.release]
    case .revocation: [.revocations]
    case .gateway: [.activation, .receipt, .decision, .statement]
    }
  }
}

/// A payload that a key of the vendor's keyset seals.
package protocol VendorPayload: SealedPayload {
  /// The use that the sealing key must have.
  static var use: KeyUse { get }
  /// The vendor; equals the keyset's byte for byte.
  var iss: String { get }
  /// When it was issued, in Unix seconds; within the key's dates.
  var iat: Int64 { get }
  /// The least epoch of the keyset that it accepts, nil where it accepts any.
  var epoch: Int64? { get }
  /// Says what of the key's constraints the payload exceeds, nil if nothing.
  func excess(over constraints: KeyConstraints) -> String?
}

extension VendorPayload {
  package var epoch: Int64? { nil }
  package func excess(over constraints: KeyConstraints) -> String? { nil }
}

/// A payload that an installation's own key seals: enrolments, usage records, signs of life.
package protocol InstallationPayload: SealedPayload {}

/// Caps on what one online key can do, should it be stolen. Absent members cap nothing.
package struct KeyConstraints: Sendable, Equatable {
  package var products: [String]?
  package var editions: [String]?
  /// The longest term, in days.
  package var maximumDays: Int64?
  /// The most collectors of one license.
  package var maximumCollectors: Int64?

  package init(
    products: [String]? = nil, editions: [String]? = nil, maximumDays: Int64? = nil,
    maximumCollectors: Int64? = nil
  ) {
    self.products = products
    self.editions = editions
    self.maximumDays = maximumDays
    self.maximumCollectors = maximumCollectors
  }
}
