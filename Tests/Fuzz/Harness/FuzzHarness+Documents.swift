internal import Licensing
internal import Sealing

extension FuzzHarness {
  /// A compact JWS: its parts written again are the input, and so is what the trust set keeps of it.
  func document(_ input: [UInt8]) throws(Contradiction) -> FuzzOutcome {
    let kind = UnverifiedDocument.kind(of: input)
    let document: UnverifiedDocument
    do throws(Refusal) {
      document = try UnverifiedDocument(input, as: kind ?? .license)
    } catch { return .refused(error.code) }
    let parts =
      Base64.encode(document.payload, .url) + "." + Base64.encode(document.signature, .url)
    let head = String(decoding: input.prefix { $0 != UInt8(ascii: ".") }, as: UTF8.self)
    let outcome = try sameText(tamper(Array("\(head).\(parts)".utf8)), input)
    try require(
      (try? ProtectedHeader(document.header.serialized)) == document.header,
      "a header is not read as it was written")
    try require(
      document.jws.utf8.elementsEqual(
        document.signingInput
          + ("."
          + parts.drop { $0 != "." }
          .dropFirst()).utf8),
      "the signature does not cover header and payload as they stand")
    switch kind {
    case .license: _ = try opened(License.self, input)
    case .release: _ = try opened(Release.self, input)
    case .revocations: _ = try opened(Revocations.self, input)
    case .activation: _ = try opened(Activation.self, input)
    case .receipt: _ = try opened(Receipt.self, input)
    case .enrolment: try enrolment(input)
    case .keyset, .usage, .alive, .decision, .statement, nil: break
    }
    return outcome
  }

  /// A document that brings its own key.
  private func enrolment(_ input: [UInt8]) throws(Contradiction) {
    guard
      let (verified, key) = try? InstallationSeal.openSelfSealed(
        input, as: Enrolment.self, using: FuzzCryptography())
    else { return }
    try holdStable(verified.payload, tamper(verified.payload.json.serialized))
    try require(
      key.thumbprint(using: FuzzCryptography()) == verified.kid, "sealed by the key it brings")
    _ = try sameText(tamper(Array(verified.jws.utf8)), input)
  }

  /// A file: what is unwrapped stands in it byte for byte, and wraps to what unwraps to it again.
  func armour(_ input: [UInt8]) throws(Contradiction) -> FuzzOutcome {
    let blocks: [ArmourBlock]
    do throws(Refusal) { blocks = try Armour.read(input) } catch { return .refused(error.code) }
    try require(!blocks.isEmpty, "a file without a document is refused")
    let written = tamper(Array(Armour.write(blocks).utf8))
    guard let again = try? Armour.read(written) else {
      throw Contradiction("blocks are refused as they were written")
    }
    try require(again == blocks, "blocks are not read as they were written")
    try require(Array(Armour.write(again).utf8) == written, "blocks are written in two ways")
    let joined = input.filter { $0 > 0x20 && $0 != UInt8(ascii: ">") }
    for block in blocks {
      let body = Base64.encodedBytes(Array(block.document.utf8), .standard)
      try require(
        Self.contains(joined, body) || Self.contains(input, Array(block.document.utf8)),
        "an unwrapped document does not stand in the file")
    }
    return .accepted(sameBytes: written == input)
  }

  private static func contains(_ text: [UInt8], _ part: [UInt8]) -> Bool {
    guard let first = part.first else { return true }
    guard part.count <= text.count else { return false }
    return (0...(text.count - part.count)).contains {
      text[$0] == first && text[$0..<($0 + part.count)].elementsEqual(part)
    }
  }

  /// Holds that a text was kept byte for byte, but for the one final line feed that is dropped.
  func sameText(_ written: [UInt8], _ input: [UInt8]) throws(Contradiction) -> FuzzOutcome {
    let text = input.last == 0x0A ? input.dropLast() : input[...]
    try require(written[...] == text, "a document is not kept byte for byte")
    return .accepted(sameBytes: true)
  }

  /// Holds that nothing the input says was lost, added or changed: both texts, their defaults written
  /// out and their members sorted, are the same bytes.
  func holdSpelling(
    _ input: [UInt8], _ written: [UInt8], _ fill: (JSONValue) -> JSONValue
  ) throws(Contradiction) {
    guard let said = try? JSONScanner.scan(input), let says = try? JSONScanner.scan(written) else {
      throw Contradiction("what was accepted or written is no JSON")
    }
    try require(
      fill(said).sorted.serialized == fill(says).sorted.serialized,
      "what is written again does not say what was read")
  }

  /// Holds that the writer's bytes are read as the same value and written as the same bytes.
  func holdStable<Payload: SealedPayload>(
    _ payload: Payload, _ written: [UInt8]
  ) throws(Contradiction) {
    guard let again = try? Payload.parse(written) else {
      throw Contradiction("a payload is refused as it was written")
    }
    try require(again == payload, "a payload is not read as it was written")
    try require(again.json.serialized == written, "a payload is written in two ways")
  }
}
