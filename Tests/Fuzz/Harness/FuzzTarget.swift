package import Sealing

/// A decoder that takes bytes from strangers.
package enum FuzzTarget: String, CaseIterable, Sendable {
  /// A compact JWS of any kind, up to its opening through the trust set.
  case document
  /// A file of armoured blocks, or one bare document.
  case armour
  /// A license's payload, or a sealed license.
  case license
  /// A release's payload, or a sealed release.
  case release
  /// A keyset's payload, or one in the general serialization.
  case keyset
  /// A public key, up to OpenSSL's own loading of it.
  case jwk
}

/// What a decoder said to an input.
package enum FuzzOutcome: Sendable, Equatable {
  /// Accepted; `sameBytes` when writing it again gives the very input, and not only the same document
  /// in another spelling (white space, order of members, a default that was written out).
  case accepted(sameBytes: Bool)
  case refused(Refusal.Code)
}

/// Something that holds for every input did not hold: a fault of the code, never of the input.
package struct Contradiction: Error, CustomStringConvertible {
  package let description: String

  package init(_ description: String) { self.description = description }
}

/// Runs a decoder and holds what it says against what must be true of it.
///
/// The fuzzer and the tests that replay its corpus and findings run the same code; the fuzzer ends at
/// a contradiction, a test reports it.
package struct FuzzHarness: Sendable {
  /// Stands between writing and comparing. It changes nothing, but for the test that shows that a
  /// writer which loses something would be seen.
  let tamper: @Sendable ([UInt8]) -> [UInt8]
  let vendor: FuzzVendor

  package init(tamper: @escaping @Sendable ([UInt8]) -> [UInt8] = { $0 }) throws {
    self.tamper = tamper
    self.vendor = try FuzzVendor()
  }

  /// - Throws: ``Contradiction``.
  package func run(_ target: FuzzTarget, _ input: [UInt8]) throws(Contradiction) -> FuzzOutcome {
    switch target {
    case .document: try document(input)
    case .armour: try armour(input)
    case .license: try license(input)
    case .release: try release(input)
    case .keyset: try keyset(input)
    case .jwk: try jwk(input)
    }
  }

  /// Holds one condition.
  func require(
    _ condition: Bool, _ description: @autoclosure () -> String
  ) throws(Contradiction) {
    guard condition else { throw Contradiction(description()) }
  }
}
