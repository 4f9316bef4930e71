import Sealing
import Testing

/// A file damaged at any place gives the documents that were wrapped, byte for byte, or none.
struct ArmourDamageTests {
  private static let blocks = [
    ArmourBlock(kind: .keyset, document: "{\"payload\":\"e30\",\"signatures\":[]}"),
    ArmourBlock(kind: .license, document: "eyJhbGciOiJFZERTQSJ9.e30.AAAA-_AAAA"),
  ]
  private static let file = Array(Armour.write(blocks).utf8)

  /// Bytes that mean something to the reader, and some that do not.
  private static let replacements: [UInt8] =
    Array("A/=-> \t\n\rgTN{.".utf8) + [0, 0x7F, 0xC3, 0xFF]

  private static func expectSameOrRefused(_ bytes: [UInt8], _ what: @autoclosure () -> String) {
    do throws(Refusal) {
      let blocks = try Armour.read(bytes)
      #expect(blocks == Self.blocks, "\(what()) gave other documents")
    } catch {
      #expect(error.code == .damaged || error.code == .malformed, "\(what())")
      #expect(!error.message.isEmpty)
    }
  }

  /// A file of several blocks that is cut between two of them is a whole file of fewer blocks: no
  /// document is ever another one than was wrapped.
  @Test func `cut at every byte it gives whole documents from the first on, or is refused`() {
    var whole = 0
    for count in 0..<Self.file.count {
      guard let blocks = try? Armour.read(Array(Self.file.prefix(count))) else { continue }
      #expect(blocks == Array(Self.blocks.prefix(blocks.count)), "cut at \(count)")
      whole += 1
    }
    // Within the dashes that end a block, the gap after the first, and the next BEGIN up to its name.
    #expect(whole == (6 + 2 + 5 + 10) + 6)
  }

  @Test func `every byte changed to others gives the same documents or is refused`() {
    for index in Self.file.indices {
      for byte in Self.replacements + [Self.file[index] ^ 0x20, Self.file[index] ^ 1] {
        var changed = Self.file
        changed[index] = byte
        Self.expectSameOrRefused(changed, "byte \(index) changed to \(byte)")
      }
    }
  }

  @Test func `every byte lost or doubled gives the same documents or is refused`() {
    for index in Self.file.indices {
      var lost = Self.file
      lost.remove(at: index)
      Self.expectSameOrRefused(lost, "byte \(index) lost")
      var doubled = Self.file
      doubled.insert(Self.file[index], at: index)
      Self.expectSameOrRefused(doubled, "byte \(index) doubled")
    }
  }

  @Test func `every line lost or doubled gives the same documents or is refused`() {
    let lines = String(decoding: Self.file, as: UTF8.self)
      .split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    #expect(lines.count == 10)
    for index in lines.indices {
      var lost = lines
      lost.remove(at: index)
      Self.expectSameOrRefused(Array(lost.joined(separator: "\n").utf8), "line \(index) lost")
      var doubled = lines
      doubled.insert(lines[index], at: index)
      Self.expectSameOrRefused(Array(doubled.joined(separator: "\n").utf8), "line \(index) twice")
    }
  }

  /// Damage keeps changing several bytes at once; a seed makes any failure repeatable.
  @Test func `many bytes changed at random give the same documents or are refused`() {
    let seed: UInt64 = 20_261_121
    var state = seed
    func next(_ bound: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % bound
    }
    for round in 0..<1000 {
      var changed = Self.file
      for _ in 0...next(4) { changed[next(changed.count)] = UInt8(next(256)) }
      Self.expectSameOrRefused(changed, "seed \(seed), round \(round)")
    }
  }
}
