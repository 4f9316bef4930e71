internal import Sealing

/// Gets at what is wrapped: a change to base 64 or to a checksummed block is refused at once, so the
/// fuzzer changes what is inside and has it wrapped again.
package enum Peeling {
  /// Changes one layer below the surface.
  /// - Parameters:
  ///   - choice: any number; which part is changed.
  ///   - change: the change, of bytes without their wrapping.
  /// - Returns: nil for an input that wraps nothing.
  package static func changing(
    _ target: FuzzTarget, _ input: [UInt8], choice: UInt32, _ change: ([UInt8]) -> [UInt8]
  ) -> [UInt8]? {
    switch target {
    case .document: part(of: input, choice, change)
    case .license, .release:
      input.first == UInt8(ascii: "{")
        ? TreeMutation.changing(input, choice: choice, change) : part(of: input, choice, change)
    case .armour: block(of: input, choice, change)
    case .keyset:
      general(input, choice, change) ?? TreeMutation.changing(input, choice: choice, change)
    case .jwk: TreeMutation.changing(input, choice: choice, change)
    }
  }

  /// The header (0), the signature (1) or, for every other choice, the payload of a compact JWS.
  private static func part(
    of input: [UInt8], _ choice: UInt32, _ change: ([UInt8]) -> [UInt8]
  ) -> [UInt8]? {
    var parts = input.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
      .map { Array($0) }
    guard parts.count == 3 else { return nil }
    let index = choice % 8 == 0 ? 0 : choice % 8 == 1 ? 2 : 1
    guard let bytes = Base64.decode(parts[index], .url) else { return nil }
    parts[index] = Base64.encodedBytes(inner(bytes, choice / 8, change), .url)
    return Array(parts.joined(separator: [UInt8(ascii: ".")]))
  }

  /// A place in a tree, or for one choice in four any bytes.
  private static func inner(
    _ bytes: [UInt8], _ choice: UInt32, _ change: ([UInt8]) -> [UInt8]
  ) -> [UInt8] {
    guard choice % 4 != 0 else { return change(bytes) }
    return TreeMutation.changing(bytes, choice: choice / 4, change) ?? change(bytes)
  }

  private static func block(
    of input: [UInt8], _ choice: UInt32, _ change: ([UInt8]) -> [UInt8]
  ) -> [UInt8]? {
    guard var blocks = try? Armour.read(input), !blocks.isEmpty else { return nil }
    let index = Int(choice) % blocks.count
    let document = String(decoding: change(Array(blocks[index].document.utf8)), as: UTF8.self)
    blocks[index] = ArmourBlock(kind: blocks[index].kind, document: document)
    return Array(Armour.write(blocks).utf8)
  }

  private static func general(
    _ input: [UInt8], _ choice: UInt32, _ change: ([UInt8]) -> [UInt8]
  ) -> [UInt8]? {
    guard let document = try? KeysetDocument(input) else { return nil }
    var signatures = document.signatures.map { ($0.header.serialized, $0.signature) }
    guard choice % 4 == 0, !signatures.isEmpty else {
      return Array(
        KeysetDocument.text(
          payload: inner(document.payload, choice / 4, change), signatures: signatures
        ).utf8)
    }
    let index = Int(choice / 4) % signatures.count
    signatures[index] = (change(signatures[index].0), signatures[index].1)
    return Array(KeysetDocument.text(payload: document.payload, signatures: signatures).utf8)
  }
}
